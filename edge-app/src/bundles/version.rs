//! Which of two versions is newer: numbers as numbers, words as words, part by part.

use std::cmp::Ordering;

/// Compares versions such as `2026.11.24` and `1.2.10-rc1`. A longer one is newer when it begins with the shorter one.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (parts(a), parts(b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => part(a, b),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn parts(version: &str) -> impl Iterator<Item = &str> {
    version.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty())
}

fn part(a: &str, b: &str) -> Ordering {
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    match (is_number(a), is_number(b)) {
        (true, true) => {
            // Of any length: without leading zeros the longer number is the larger one.
            let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
            a.len().cmp(&b.len()).then_with(|| a.cmp(b))
        }
        // A word says that it comes before the number: 2.rc1 is older than 2.0.
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_in_order() {
        let rising = [
            "",
            "1",
            "1.2",
            "1.2.9",
            "1.2.10",
            "1.10",
            "2.rc1",
            "2.0",
            "2026.11.24",
            "2026.12.1",
            "99999999999999999999",
        ];
        for (i, a) in rising.iter().enumerate() {
            for (j, b) in rising.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a} and {b}");
            }
        }
        assert_eq!(compare("1.02", "1.2"), Ordering::Equal);
        assert_eq!(compare("1-2", "1.2"), Ordering::Equal);
    }
}
