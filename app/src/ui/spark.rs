//! A line without axes, beside the number that it explains.

use std::fmt::Write;

use leptos::prelude::*;

/// Units of the drawing; the style decides its size.
const WIDTH: f64 = 100.0;
const HEIGHT: f64 = 20.0;

/// Nothing while there are fewer than two values.
#[component]
pub fn Spark(#[prop(into)] values: Signal<Vec<u64>>, #[prop(optional)] class: &'static str) -> impl IntoView {
    let line = move || values.with(|values| line(values));
    let area = move || values.with(|values| area(values));
    view! {
        <svg class=format!("spark {class}") viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
            <path class="spark__area" d=area></path>
            <path class="spark__line" d=line></path>
        </svg>
    }
}

/// From zero at the bottom to the greatest value just below the top.
fn line(values: &[u64]) -> String {
    let mut path = String::new();
    if values.len() < 2 {
        return path;
    }
    let greatest = values.iter().copied().max().unwrap_or(0).max(1) as f64;
    let step = WIDTH / (values.len() - 1) as f64;
    for (at, value) in values.iter().enumerate() {
        let (x, y) = (at as f64 * step, HEIGHT - 1.0 - (HEIGHT - 2.0) * *value as f64 / greatest);
        let command = if at == 0 { 'M' } else { 'L' };
        write!(path, "{command}{x:.1} {y:.1}").expect("a string takes every write");
    }
    path
}

fn area(values: &[u64]) -> String {
    match line(values) {
        line if line.is_empty() => line,
        line => format!("{line}V{HEIGHT}H0Z"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greatest_value_is_at_the_top_and_zero_at_the_bottom() {
        assert_eq!(line(&[0, 10, 5]), "M0.0 19.0L50.0 1.0L100.0 10.0");
        assert_eq!(area(&[0, 10]), "M0.0 19.0L100.0 1.0V20H0Z");
    }

    #[test]
    fn too_few_values_draw_nothing_and_zeros_a_flat_line() {
        assert_eq!(line(&[7]), "");
        assert_eq!(area(&[]), "");
        assert_eq!(line(&[0, 0]), "M0.0 19.0L100.0 19.0");
    }
}
