-- Version 4: a report in whose place another goes on needs no decision any more; and what the service has
-- under a key that it knows with other words is asked for, also of those reports that wait for their
-- writer already. Not of another account's.

CREATE INDEX report_superseding ON report (account, supersedes) WHERE supersedes <> x'';

UPDATE report SET phase = 'superseded'
WHERE own = 1 AND phase = 'key_taken' AND EXISTS
    (SELECT 1 FROM report s WHERE s.account = report.account AND s.supersedes = report.key
         AND s.supersedes <> x'' AND s.phase <> 'discarded');

INSERT INTO operation (account, report, kind, due_set_at, reason)
SELECT r.account, r.id, 'fetch_copy', 0, '{"code":"not_tried"}'
FROM report r JOIN operation c ON c.report = r.id AND c.kind = 'create_report'
WHERE r.own = 1 AND r.phase = 'key_taken' AND c.state = 'paused' AND c.reason NOT LIKE '%"foreign":true%'
ORDER BY c.id;
