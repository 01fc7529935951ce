//! Until when a certificate is good (X.509, RFC 5280, section 4.1.2.5). Reads as much DER as leads there. Pure.

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// The version, which old certificates leave out.
const VERSION: u8 = 0xa0;

/// Seconds since 1970; None: no certificate, or a date nobody writes.
pub fn not_after(der: &[u8]) -> Option<u64> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (mut fields, _) = element(certificate, SEQUENCE)?;
    if let Some((_, rest)) = element(fields, VERSION) {
        fields = rest;
    }
    // Its number, the signature's algorithm, the issuer.
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        (_, fields) = element(fields, tag)?;
    }
    let (validity, _) = element(fields, SEQUENCE)?;
    let (_, rest) = time(validity)?;
    time(rest).map(|(end, _)| end)
}

/// What an element with this tag holds, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (head, rest) = der.split_at_checked(2)?;
    if head[0] != tag {
        return None;
    }
    let (length, rest) = match head[1] {
        length @ 0..=0x7f => (usize::from(length), rest),
        // As many bytes of length as the lower bits say; a certificate has no 16 MB.
        long @ 0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`, the only forms that RFC 5280 allows.
fn time(der: &[u8]) -> Option<(u64, &[u8])> {
    let (text, rest, long) = match element(der, UTC_TIME) {
        Some((text, rest)) => (text, rest, false),
        None => element(der, GENERALIZED_TIME).map(|(text, rest)| (text, rest, true))?,
    };
    let digits = text.strip_suffix(b"Z")?;
    if digits.len() != if long { 14 } else { 12 } || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let pair = |at: usize| u64::from(digits[at] - b'0') * 10 + u64::from(digits[at + 1] - b'0');
    let (year, at) = match (long, pair(0)) {
        (true, century) => (century * 100 + pair(2), 4),
        (false, year @ 50..) => (1900 + year, 2),
        (false, year) => (2000 + year, 2),
    };
    let (month, day) = (pair(at), pair(at + 2));
    let (hour, minute, second) = (pair(at + 4), pair(at + 6), pair(at + 8));
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60
    {
        return None;
    }
    Some((((days(year, month, day)? * 24 + hour) * 60 + minute) * 60 + second, rest))
}

/// Since 1 January 1970, in the Gregorian calendar. Years begin in March here, so that a leap day is the last one.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_years = year * 365 + year / 4 - year / 100 + year / 400;
    (of_years + (month * 153 + 2) / 5 + day - 1).checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut der = vec![tag, 0x82];
        der.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        der.extend(content);
        der
    }

    fn certificate(end: &[u8]) -> Vec<u8> {
        let validity = [wrap(UTC_TIME, b"750101000000Z"), end.to_vec()].concat();
        let fields = [
            wrap(VERSION, &[2, 1, 2]),
            wrap(INTEGER, &[7]),
            wrap(SEQUENCE, &[]),
            wrap(SEQUENCE, &[1, 2, 3]),
            wrap(SEQUENCE, &validity),
        ];
        wrap(SEQUENCE, &wrap(SEQUENCE, &fields.concat()))
    }

    #[test]
    fn both_forms_of_a_date_are_read() {
        for (tag, text, expected) in [
            (UTC_TIME, "700101000000Z", 0),
            (UTC_TIME, "490101000000Z", 2_493_072_000),
            (GENERALIZED_TIME, "20000229235959Z", 951_868_799),
            (GENERALIZED_TIME, "20240301000000Z", 1_709_251_200),
            (GENERALIZED_TIME, "40960101000000Z", 67_090_118_400),
            (GENERALIZED_TIME, "99991231235959Z", 253_402_300_799),
        ] {
            assert_eq!(not_after(&certificate(&wrap(tag, text.as_bytes()))), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in
            ["", "Z", "20240101000000", "20241301000000Z", "20240132000000Z", "2024010100000xZ", "00000101000000Z"]
        {
            assert_eq!(not_after(&certificate(&wrap(GENERALIZED_TIME, text.as_bytes()))), None, "{text}");
        }
        assert_eq!(not_after(&[]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = not_after(&bytes);
        }

        #[test]
        fn a_damaged_certificate_is_read_or_refused(at in 0_usize..64, byte: u8) {
            let mut der = certificate(&wrap(UTC_TIME, b"300101000000Z"));
            let at = at % der.len();
            der[at] = byte;
            let _ = not_after(&der);
            let _ = not_after(&der[..at]);
        }
    }
}
