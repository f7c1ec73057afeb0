//! The title of a page, made safe. Not here: what it says, each page knows that.

/// The page's own words and ours. Names in it come from spans, and the server's half of `leptos_meta` writes them into the head as
/// they are, so there they are escaped; the browser sets the title as text and needs the plain form.
pub fn page_title(title: String) -> String {
    let title = if cfg!(feature = "ssr") { escaped(&title) } else { title };
    format!("{title} · Tracewell")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_the_title() {
        assert_eq!(escaped("a & </title><b>"), "a &amp; &lt;/title&gt;&lt;b&gt;");
    }
}
