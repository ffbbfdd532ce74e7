//! Whose a network address is.

use std::net::{IpAddr, Ipv6Addr};

/// The part of an address that one visitor has for themselves, as a name for a bucket: all of an
/// IPv4 address, the first 64 bits of an IPv6 address, which is what one connection is given.
/// Empty for what is no address; all of those share one bucket.
pub fn subject(address: &str) -> String {
    let Ok(parsed) = address.trim().parse::<IpAddr>() else { return String::new() };
    match parsed.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_visitor_is_one_subject_however_the_address_is_spelt() {
        for (address, expected) in [
            ("198.51.100.7", "198.51.100.7"),
            (" 198.51.100.7 ", "198.51.100.7"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:DB8:1:2:ffff:0:0:1", "2001:db8:1:2::"),
            ("2001:0db8:0001:0003::1", "2001:db8:1:3::"),
            ("198.51.100.7:443", ""),
            ("shop.example", ""),
            ("", ""),
        ] {
            assert_eq!(subject(address), expected, "{address}");
        }
    }
}
