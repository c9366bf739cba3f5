use super::lost;

#[test]
fn the_first_counter_is_of_all_packets_and_the_others_of_what_was_dropped() {
    let chain = "table ip lab {\n\tchain way {\n\
        \t\ttype filter hook forward priority filter; policy accept;\n\
        \t\tiifname { \"wire-server\", \"wire-phone\" } counter packets 1200 bytes 99\n\
        \t\tiifname \"wire-server\" numgen random mod 10000 < 100 counter packets 7 bytes 5 drop\n\
        \t\tiifname \"wire-phone\" numgen random mod 10000 < 100 counter packets 4 bytes 5 drop\n\t}\n}\n";
    assert_eq!(lost(chain), Some((1200, 11)));
    assert_eq!(lost("table ip lab {\n\tchain way {\n\t}\n}\n"), None);
}
