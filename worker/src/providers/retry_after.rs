//! How long a server asks to be left alone.

/// The milliseconds of the headers `retry-after-ms` and `retry-after`, which has seconds or a date
/// (RFC 9110, section 10.2.3). `date_ms` reads a date as milliseconds since the Unix epoch, or as
/// what is no number.
pub fn retry_after_ms(
    ms: Option<&str>,
    seconds_or_date: Option<&str>,
    now_ms: u64,
    date_ms: impl Fn(&str) -> f64,
) -> Option<u32> {
    let number = |text: Option<&str>| text?.trim().parse::<f64>().ok().filter(|n| *n >= 0.0);
    // Casts of floats saturate.
    number(ms)
        .or_else(|| number(seconds_or_date).map(|seconds| seconds * 1_000.0))
        .or_else(|| {
            let at_ms = date_ms(seconds_or_date?);
            (!at_ms.is_nan()).then(|| (at_ms - now_ms as f64).max(0.0))
        })
        .map(|ms| ms.ceil() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_as_servers_write_them() {
        let date = |text: &str| if text == "a date" { 61_000.0 } else { f64::NAN };
        for (ms, seconds, expected) in [
            (None, None, None),
            (None, Some("2"), Some(2_000)),
            (None, Some(" 0.5 "), Some(500)),
            (Some("120"), Some("2"), Some(120)),
            (Some("soon"), Some("2"), Some(2_000)),
            (None, Some("a date"), Some(1_000)),
            (None, Some("never"), None),
            (None, Some("-1"), None),
            (None, Some("1e300"), Some(u32::MAX)),
        ] {
            assert_eq!(retry_after_ms(ms, seconds, 60_000, date), expected, "{ms:?} {seconds:?}");
        }
    }
}
