//! Recomputes the contrast of every pair of tokens that meet on a page. Compiled for tests only.

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../../style/tokens.css");

/// Text may stand on each of these.
const PLANES: [&str; 6] = ["bg", "surface", "raised", "float", "sel", "hover"];
const TEXTS: [&str; 9] = ["text", "text-2", "text-3", "accent", "error", "warn", "ok", "crit", "syn-str"];
/// What WCAG asks of text, and of marks and borders of controls.
const TEXT_MIN: f64 = 4.5;
const MARK_MIN: f64 = 3.0;

#[derive(Clone, Copy, Debug)]
struct Oklch {
    lightness: f64,
    chroma: f64,
    hue: f64,
}

/// Each token with its light and its dark colour.
fn tokens() -> BTreeMap<String, [Oklch; 2]> {
    let definitions = TOKENS.split("--").filter_map(|part| part.split_once(':'));
    let colours = definitions.filter_map(|(name, value)| {
        let value = value.trim_start().strip_prefix("light-dark(")?;
        let mut colours = value.split("oklch(").skip(1).map(|colour| {
            let numbers: Vec<f64> =
                colour.split(')').next()?.split_whitespace().filter_map(|n| n.parse().ok()).collect();
            let [lightness, chroma, hue] = numbers[..] else { return None };
            Some(Oklch { lightness, chroma, hue })
        });
        Some((name.to_owned(), [colours.next()??, colours.next()??]))
    });
    colours.collect()
}

/// Linear sRGB, after Björn Ottosson's definition of Oklab.
fn linear_rgb(colour: Oklch) -> [f64; 3] {
    let Oklch { lightness, chroma, hue } = colour;
    let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
    let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let medium = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    [
        4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
        -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
        -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701 * short,
    ]
}

/// Relative luminance of WCAG, on what a screen can show.
fn luminance(colour: Oklch) -> f64 {
    let [red, green, blue] = linear_rgb(colour).map(|channel| channel.clamp(0.0, 1.0));
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(a: Oklch, b: Oklch) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Every pair that falls short, in words.
fn too_faint(fronts: &[&str], planes: &[&str], least: f64) -> Vec<String> {
    let tokens = tokens();
    let mut faint = Vec::new();
    for front in fronts {
        for plane in planes {
            for (theme, name) in ["light", "dark"].iter().enumerate() {
                let ratio = contrast(tokens[*front][theme], tokens[*plane][theme]);
                if ratio < least {
                    faint.push(format!("--{front} on --{plane}, {name}: {ratio:.2}"));
                }
            }
        }
    }
    faint
}

#[test]
fn black_on_white_is_twenty_one_to_one() {
    let (black, white) =
        (Oklch { lightness: 0.0, chroma: 0.0, hue: 0.0 }, Oklch { lightness: 1.0, chroma: 0.0, hue: 0.0 });
    assert!((contrast(black, white) - 21.0).abs() < 0.01, "{}", contrast(black, white));
}

#[test]
fn every_text_can_be_read_on_every_plane() {
    assert_eq!(too_faint(&TEXTS, &PLANES, TEXT_MIN), [""; 0]);
}

#[test]
fn text_on_a_wash_of_its_own_colour_can_be_read() {
    for (text, wash) in [("error", "error-wash"), ("warn", "warn-wash"), ("ok", "ok-wash"), ("accent", "accent-wash")] {
        assert_eq!(too_faint(&[text, "text"], &[wash], TEXT_MIN), [""; 0]);
    }
    assert_eq!(too_faint(&["text-on"], &["accent", "error"], TEXT_MIN), [""; 0]);
}

#[test]
fn borders_of_controls_and_every_service_hue_can_be_seen() {
    let hues: Vec<String> = (1..=crate::ui::service::HUES).map(|hue| format!("s{hue}")).collect();
    let mut marks: Vec<&str> = hues.iter().map(String::as_str).collect();
    marks.push("control");
    assert_eq!(too_faint(&marks, &["bg", "surface", "raised"], MARK_MIN), [""; 0]);
}

#[test]
fn every_colour_is_one_that_screens_can_show() {
    for (name, colours) in tokens() {
        for colour in colours {
            let shown = linear_rgb(colour).iter().all(|channel| (-0.005..=1.005).contains(channel));
            assert!(shown, "--{name}: {colour:?}");
        }
    }
}
