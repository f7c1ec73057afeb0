//! When things go wrong: conditions that follow from the time alone, so that history and live traffic agree.

use model::UnixNanos;

/// The conditions at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weather {
    second: u64,
}

// === impl Weather ===

impl Weather {
    /// The conditions at `instant`.
    pub(crate) fn at(instant: UnixNanos) -> Weather {
        Weather { second: instant.millis() / 1_000 }
    }

    /// Two minutes of every twenty the card company answers 503.
    pub(crate) fn card_company_is_down(self) -> bool {
        matches!(self.minute() % 20, 7 | 8)
    }

    /// Three minutes of every thirty an index of the catalog's Postgres is rebuilt: how many times slower it answers.
    pub(crate) fn catalog_slowness(self) -> f64 {
        if matches!(self.minute() % 30, 12..=14) { 9.0 } else { 1.0 }
    }

    /// Five minutes of every hour a bad model is loaded: share of recommendations that fail, in percent.
    pub(crate) fn recommendations_failing_percent(self) -> f64 {
        if matches!(self.minute() % 60, 40..=44) { 35.0 } else { 0.3 }
    }

    /// Traffic of the hour against the daily mean: a third before dawn, nearly twice in the evening.
    pub(crate) fn visitors(self) -> f64 {
        const BY_HOUR: [f64; 24] = [
            0.55, 0.42, 0.36, 0.34, 0.35, 0.42, 0.58, 0.80, 0.98, 1.08, 1.12, 1.18, 1.25, 1.20, 1.12, 1.08, 1.12, 1.26,
            1.48, 1.66, 1.72, 1.55, 1.20, 0.82,
        ];
        let within_day = self.second % 86_400;
        let (hour, into) = ((within_day / 3_600) as usize, (within_day % 3_600) as f64 / 3_600.0);
        BY_HOUR[hour] * (1.0 - into) + BY_HOUR[(hour + 1) % 24] * into
    }

    fn minute(self) -> u64 {
        self.second / 60
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::SpanDuration;

    #[test]
    fn a_day_has_quiet_and_busy_hours_around_one() {
        let day: Vec<f64> = (0..86_400)
            .step_by(60)
            .map(|second| Weather::at(UnixNanos::default().after(SpanDuration::from_secs(second))).visitors())
            .collect();
        let mean = day.iter().sum::<f64>() / day.len() as f64;
        assert!((mean - 1.0).abs() < 0.05, "{mean}");
        assert!(day.iter().all(|visitors| (0.3..1.8).contains(visitors)));
    }

    #[test]
    fn trouble_comes_and_goes_within_the_hour() {
        let hour: Vec<Weather> = (0..60).map(|minute| Weather { second: minute * 60 }).collect();
        assert_eq!(hour.iter().filter(|weather| weather.card_company_is_down()).count(), 6);
        assert_eq!(hour.iter().filter(|weather| weather.catalog_slowness() > 1.0).count(), 6);
        assert_eq!(hour.iter().filter(|weather| weather.recommendations_failing_percent() > 1.0).count(), 5);
    }
}
