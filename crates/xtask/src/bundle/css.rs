//! One style sheet out of `style/main.css` and the files it imports. Knows `@import` lines and nothing else of CSS.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// `main.css` imports files, files import nothing: one level is enough and cannot loop.
pub(crate) fn inlined(main: &Path) -> Result<String> {
    let folder = main.parent().context("main.css has no folder")?;
    let text = fs::read_to_string(main).with_context(|| format!("cannot read {}", main.display()))?;
    let mut sheet = String::new();
    for line in text.lines() {
        match import_from_line(line).with_context(|| format!("in {}", main.display()))? {
            None => sheet.push_str(line),
            Some(import) => {
                let path = folder.join(&import.path);
                let part = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                if part.lines().any(|line| line.trim_start().starts_with("@import")) {
                    bail!("only main.css may import: {}", path.display());
                }
                match import.layer {
                    Some(layer) => sheet.push_str(&format!("@layer {layer} {{\n{part}}}")),
                    None => sheet.push_str(&part),
                }
            }
        }
        sheet.push('\n');
    }
    Ok(sheet)
}

#[derive(Debug, PartialEq)]
struct Import {
    path: String,
    layer: Option<String>,
}

/// `@import "file.css";` or `@import "file.css" layer(name);`, alone on its line.
fn import_from_line(line: &str) -> Result<Option<Import>> {
    let Some(rest) = line.trim().strip_prefix("@import") else { return Ok(None) };
    let parsed = (|| {
        let rest = rest.trim().strip_suffix(';')?.trim();
        let rest = rest.strip_prefix("url(").map_or(rest, |inner| inner.trim_start());
        let (path, tail) = rest.strip_prefix('"')?.split_once('"')?;
        let tail = tail.trim().trim_start_matches(')').trim();
        let layer = match tail {
            "" => None,
            _ => Some(tail.strip_prefix("layer(")?.strip_suffix(')')?.trim().to_owned()),
        };
        Some(Import { path: path.to_owned(), layer })
    })();
    match parsed {
        Some(import) => Ok(Some(import)),
        None => bail!("an import must read `@import \"file.css\" layer(name);` on one line: {}", line.trim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(path: &str, layer: Option<&str>) -> Option<Import> {
        Some(Import { path: path.to_owned(), layer: layer.map(str::to_owned) })
    }

    #[test]
    fn import_line_is_read_with_and_without_a_layer() {
        assert_eq!(import_from_line("  @import \"a.css\";").unwrap(), import("a.css", None));
        assert_eq!(import_from_line("@import \"a/b.css\" layer(ui);").unwrap(), import("a/b.css", Some("ui")));
        assert_eq!(import_from_line("@import url(\"a.css\") layer(ui);").unwrap(), import("a.css", Some("ui")));
        assert_eq!(import_from_line("@layer reset, ui;").unwrap(), None);
    }

    #[test]
    fn import_with_a_media_query_is_refused_rather_than_lost() {
        assert!(import_from_line("@import \"a.css\" screen;").is_err());
    }

    #[test]
    fn imported_file_stands_inside_its_layer() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.css"), "@layer ui;\n@import \"a.css\" layer(ui);\n").unwrap();
        fs::write(folder.path().join("a.css"), "b { color: red }\n").unwrap();
        let sheet = inlined(&folder.path().join("main.css")).unwrap();
        assert_eq!(sheet, "@layer ui;\n@layer ui {\nb { color: red }\n}\n");
    }

    #[test]
    fn second_level_import_and_missing_file_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.css"), "@import \"a.css\";\n").unwrap();
        assert!(inlined(&folder.path().join("main.css")).is_err());
        fs::write(folder.path().join("a.css"), "@import \"b.css\";\n").unwrap();
        assert!(inlined(&folder.path().join("main.css")).is_err());
    }
}
