//! `.br` and `.gz` beside each file that shrinks, written once here so that the server never compresses an asset.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

const EXTENSIONS: [&str; 7] = ["js", "wasm", "css", "svg", "json", "txt", "html"];
/// The strongest that browsers accept.
const BROTLI_QUALITY: u32 = 11;
const BROTLI_WINDOW: u32 = 22;
const BUFFER_BYTES: usize = 64 * 1024;

pub(crate) fn compress_dir(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_owned();
        if path.is_dir() {
            compress_dir(&path)?;
        } else if EXTENSIONS.contains(&extension.as_str()) {
            let bytes = fs::read(&path)?;
            fs::write(path.with_extension(format!("{extension}.br")), brotli_bytes(&bytes)?)?;
            fs::write(path.with_extension(format!("{extension}.gz")), gzip_bytes(&bytes)?)?;
        }
    }
    Ok(())
}

pub(crate) fn brotli_bytes(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), BUFFER_BYTES, BROTLI_QUALITY, BROTLI_WINDOW);
    writer.write_all(bytes)?;
    Ok(writer.into_inner())
}

fn gzip_bytes(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn compressed_files_hold_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let text = "body { margin: 0 } ".repeat(1000);
        fs::write(folder.path().join("a.1f.css"), &text).unwrap();
        compress_dir(folder.path()).unwrap();
        let mut from_brotli = String::new();
        let brotli = fs::read(folder.path().join("a.1f.css.br")).unwrap();
        brotli::Decompressor::new(brotli.as_slice(), 4096).read_to_string(&mut from_brotli).unwrap();
        let mut from_gzip = String::new();
        let gzip = fs::read(folder.path().join("a.1f.css.gz")).unwrap();
        flate2::read::GzDecoder::new(gzip.as_slice()).read_to_string(&mut from_gzip).unwrap();
        assert_eq!((from_brotli, from_gzip), (text.clone(), text));
        assert!(brotli.len() < gzip.len());
    }
}
