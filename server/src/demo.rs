//! The role `demo`: a seeded online shop that reports to a running server, as any client over the network.
//!
//! Not here: anything of the server itself. The demo knows an address and speaks OTLP.

mod pace;
mod random;
mod send;
mod shop;

use anyhow::Context as _;
use model::{SpanDuration, UnixNanos};
use storage::clock::Clock as _;

use crate::clock::SystemClock;
use pace::{Pace, Plan};
use send::Sender;
use shop::Shop;

/// Flags of `tracewell demo`.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub struct DemoArgs {
    /// Where the server takes OTLP over HTTP; `/v1/traces` is added
    #[arg(long, default_value = "http://127.0.0.1:4318", value_name = "URL")]
    pub endpoint: String,

    /// Visitors' requests per second, as a daily mean: the shop is quiet at night and busy in the evening
    #[arg(long, default_value = "5", value_name = "PER_SECOND", value_parser = rate_from_text)]
    pub rate: f64,

    /// Decides who visits and what goes wrong: the same seed sends the same spans for the same time
    #[arg(long, default_value = "1", value_name = "NUMBER")]
    pub seed: u64,

    /// Send the history of this long first, oldest first and as fast as the server takes it, for example `24h`
    #[arg(long, value_name = "DURATION", value_parser = length_from_text)]
    pub backfill: Option<SpanDuration>,

    /// Requests per second in that history; a day at 0.5 is about 600,000 spans
    #[arg(long, default_value = "0.5", value_name = "PER_SECOND", value_parser = rate_from_text)]
    pub backfill_rate: f64,

    /// Stop live traffic after this long instead of never; `0s` sends the history only
    #[arg(long, value_name = "DURATION", value_parser = length_from_text)]
    pub duration: Option<SpanDuration>,

    /// Most spans in one request
    #[arg(long, default_value = "512", value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub spans_per_request: u32,
}

/// Busiest shop that one process plays; beyond it the demo would measure itself.
const RATE_MAX: f64 = 1_000.0;
/// Longest history or run.
const LENGTH_SECS_MAX: u64 = 366 * 86_400;

/// Plays the shop until its time is over, or for ever.
pub async fn run(args: DemoArgs) -> anyhow::Result<()> {
    let clock = SystemClock;
    let started = clock.now();
    let sender = Sender::new(&args.endpoint).context("cannot send demo traffic")?;
    tracing::info!(endpoint = %args.endpoint, seed = args.seed, rate = args.rate, "the demo shop opens");
    let plan = Plan {
        from: args.backfill.map_or(started, |length| started.before(length)),
        live_from: started,
        until: args.duration.map_or(UnixNanos(u64::MAX), |length| started.after(length)),
        rate: args.rate,
        rate_before: args.backfill_rate,
        spans_per_request: args.spans_per_request as usize,
    };
    let tally = Pace::new(plan, Shop::new(args.seed), sender).run(&clock).await?;
    tracing::info!(spans = tally.accepted, refused = tally.refused, retries = tally.retries, "the demo shop closes");
    Ok(())
}

fn rate_from_text(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.0..=RATE_MAX).contains(&rate) => Ok(rate),
        _ => Err(format!("a rate is a number from 0 to {RATE_MAX}")),
    }
}

/// A whole number with a unit, as `90s`, `15m`, `24h` or `7d`.
fn length_from_text(text: &str) -> Result<SpanDuration, String> {
    let bad = || format!("a duration is a whole number with s, m, h or d, up to {}d", LENGTH_SECS_MAX / 86_400);
    let unit = text.chars().last().ok_or_else(bad)?;
    let (_, size) = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)]
        .into_iter()
        .find(|(letter, _)| *letter == unit)
        .ok_or_else(bad)?;
    let count: u64 = text[..text.len() - 1].parse().map_err(|_e| bad())?;
    let secs = count.checked_mul(size).filter(|secs| *secs <= LENGTH_SECS_MAX).ok_or_else(bad)?;
    Ok(SpanDuration::from_secs(secs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        demo: DemoArgs,
    }

    fn args(flags: &[&str]) -> Result<DemoArgs, clap::Error> {
        Line::try_parse_from(std::iter::once(&"demo").chain(flags)).map(|line| line.demo)
    }

    #[test]
    fn durations_read_as_written() {
        assert_eq!(length_from_text("24h"), Ok(SpanDuration::from_secs(86_400)));
        assert_eq!(length_from_text("0s"), Ok(SpanDuration(0)));
        for bad in ["", "h", "24", "1.5h", "-1h", "1 h", "367d", "99999999999999999999d", "1é"] {
            assert!(length_from_text(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn flags_out_of_range_are_refused() {
        assert!(args(&[]).is_ok_and(|args| args.rate == 5.0 && args.backfill.is_none()));
        for bad in ["--rate=-1", "--rate=NaN", "--rate=1e9", "--spans-per-request=0", "--backfill=soon"] {
            assert!(args(&[bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_without_plain_http_is_refused_with_advice() {
        let message = |endpoint: &str| Sender::new(endpoint).err().map(|error| error.to_string());
        assert!(message("https://example.com").is_some_and(|text| text.contains("http://")));
        assert!(message("4318").is_some());
        assert_eq!(message("http://127.0.0.1:4318/"), None);
    }
}
