-- Version 4: what the service has under a key that it knows with other words is asked for, also of those
-- reports that wait for their writer already. Not of another account's.

INSERT INTO operation (account, report, kind, due_set_at, reason)
SELECT r.account, r.id, 'fetch_copy', 0, '{"code":"not_tried"}'
FROM report r JOIN operation c ON c.report = r.id AND c.kind = 'create_report'
WHERE r.own = 1 AND r.phase = 'key_taken' AND c.state = 'paused' AND c.reason NOT LIKE '%"foreign":true%'
ORDER BY c.id;
