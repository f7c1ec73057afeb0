//! Points in time in UTC, by the proleptic Gregorian calendar. Input is unix nanoseconds or milliseconds, never a clock.

const DAY_MILLIS: u64 = 86_400_000;

/// `14:00:21.482`, from nanoseconds.
pub fn time_of_day_millis(nanos: u64) -> String {
    let millis = nanos / 1_000_000;
    format!("{}.{:03}", time_of_day(millis), millis % 1_000)
}

/// `14:00:21`, from milliseconds.
pub fn time_of_day(millis: u64) -> String {
    let secs = millis / 1_000 % 86_400;
    format!("{:02}:{:02}:{:02}", secs / 3_600, secs / 60 % 60, secs % 60)
}

/// `2026-11-21T14:00:21.482Z`, from nanoseconds: what `<time datetime>` wants.
pub fn date_time_iso(nanos: u64) -> String {
    format!("{}T{}Z", date(nanos / 1_000_000), time_of_day_millis(nanos))
}

/// `2026-11-21T14:00:21`, from milliseconds: what a field of type `datetime-local` holds.
pub fn date_time_input(millis: u64) -> String {
    format!("{}T{}", date(millis), time_of_day(millis))
}

/// Year, month and day of the count of days since 1970, after Howard Hinnant's `civil_from_days`.
fn date(millis: u64) -> String {
    // Years start in March here, so that the leap day is the last of its year.
    let days = millis / DAY_MILLIS + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants_print_as_the_calendar_says() {
        let cases = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (1_795_269_621_482, "2026-11-21T14:00:21.482Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ];
        for (millis, text) in cases {
            assert_eq!(date_time_iso(millis * 1_000_000), text);
        }
        assert_eq!(date_time_input(1_795_269_621_482), "2026-11-21T14:00:21");
    }
}
