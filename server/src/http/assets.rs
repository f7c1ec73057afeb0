//! The files of the page's bundle: from the binary in a release, from disk in development. Not here: pages.
//!
//! Paths are taken apart and checked name by name, so no request leaves the folder.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::HttpState;
use super::error::unknown_path;
use super::reply::accepts;

const MANIFEST: &str = "manifest.json";
/// A name with a hash never means other bytes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
/// Digits of the hash in the names of a release.
const HASH_DIGITS: usize = 16;

/// Where the files are.
#[derive(Debug)]
pub struct Assets {
    /// Folders to look into, first found first used: the bundle may be built while the server runs.
    folders: Vec<PathBuf>,
    /// Whether the binary holds the bundle; a folder named on purpose goes first.
    embedded: bool,
}

/// Addresses of the parts of the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AssetNames {
    /// JavaScript that loads the WebAssembly.
    pub js: String,
    /// The pages as WebAssembly.
    pub wasm: String,
    /// The style sheet.
    pub css: String,
}

// === impl Assets ===

impl Assets {
    /// `site`: a folder named on purpose.
    pub fn find(site: Option<PathBuf>) -> Assets {
        if site.is_some() || cfg!(feature = "embed") {
            return Assets { folders: site.into_iter().collect(), embedded: cfg!(feature = "embed") };
        }
        let beside_binary =
            std::env::current_exe().ok().and_then(|binary| Some(binary.parent()?.parent()?.join("site")));
        let folders = std::iter::once(PathBuf::from("target/site")).chain(beside_binary).collect();
        Assets { folders, embedded: false }
    }

    /// Addresses of the bundle's parts; `None` while there is no bundle.
    pub async fn names(&self) -> Option<AssetNames> {
        let manifest = self.read(MANIFEST).await?;
        serde_json::from_slice(&manifest).ok()
    }

    /// The bytes of a file.
    async fn read(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        if !is_plain(path) {
            return None;
        }
        for folder in &self.folders {
            if has_manifest(folder).await {
                return tokio::fs::read(folder.join(path)).await.ok().map(Cow::Owned);
            }
        }
        if self.embedded { embedded(path) } else { None }
    }
}

/// `GET /pkg/{*path}`
pub async fn serve(State(state): State<HttpState>, headers: HeaderMap, uri: Uri) -> Response {
    match file(&state.assets, &headers, uri.path()).await {
        Some(response) => response,
        None => unknown_path(uri).await.into_response(),
    }
}

/// The file at this address, if there is one.
pub async fn file(assets: &Assets, headers: &HeaderMap, address: &str) -> Option<Response> {
    let path = address.strip_prefix('/')?;
    let content_type = content_type(path)?;
    for (coding, extension) in [("br", ".br"), ("gzip", ".gz")] {
        if accepts(headers, coding)
            && let Some(bytes) = assets.read(&format!("{path}{extension}")).await
        {
            let mut response = answer(headers, path, content_type, &bytes);
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
            return Some(response);
        }
    }
    let bytes = assets.read(path).await?;
    Some(answer(headers, path, content_type, &bytes))
}

fn answer(headers: &HeaderMap, path: &str, content_type: &'static str, bytes: &[u8]) -> Response {
    let tag = format!("\"{:016x}\"", fnv1a(bytes));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = match known == Some(tag.as_str()) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Body::from(bytes.to_vec()).into_response(),
    };
    let caching = if has_hash(path) { FOR_EVER } else { ASK_AGAIN };
    let tag = HeaderValue::from_str(&tag).expect("hex digits in quotes are a header value");
    response.headers_mut().extend([
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, caching),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::ETAG, tag),
    ]);
    response
}

#[cfg(feature = "embed")]
fn embedded(path: &str) -> Option<Cow<'static, [u8]>> {
    #[derive(rust_embed::RustEmbed)]
    #[folder = "../target/site"]
    struct Site;
    <Site as rust_embed::RustEmbed>::get(path).map(|file| file.data)
}

#[cfg(not(feature = "embed"))]
fn embedded(_path: &str) -> Option<Cow<'static, [u8]>> {
    None
}

async fn has_manifest(folder: &Path) -> bool {
    tokio::fs::try_exists(folder.join(MANIFEST)).await.unwrap_or(false)
}

/// Names of letters, digits and `-_.` that do not begin with a dot, separated by single slashes.
fn is_plain(path: &str) -> bool {
    path.split('/').all(|name| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !name.is_empty() && !name.starts_with('.') && name.chars().all(is_allowed)
    })
}

fn has_hash(path: &str) -> bool {
    let is_hash = |part: &str| part.len() == HASH_DIGITS && part.bytes().all(|digit| digit.is_ascii_hexdigit());
    path.split('/').next_back().is_some_and(|name| name.split('.').any(is_hash))
}

/// `None` for names that the bundle does not hold, such as those of pages.
fn content_type(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.')?;
    Some(match extension {
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}

/// A name for content, not a defence.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> (tempfile::TempDir, Assets) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let site = folder.path().join("site");
        let write = |name: &str, bytes: &str| {
            let path = site.join(name);
            std::fs::create_dir_all(path.parent().expect("inside the site")).expect("a folder");
            std::fs::write(path, bytes).expect("a file");
        };
        write(MANIFEST, r#"{"js":"/pkg/a.js","wasm":"/pkg/a.wasm","css":"/pkg/a.00112233445566ff.css"}"#);
        write("pkg/a.js", "plain");
        write("pkg/a.js.br", "packed");
        write("pkg/a.00112233445566ff.css", "css");
        write("../secret.txt", "secret");
        let assets = Assets::find(Some(site));
        (folder, assets)
    }

    #[tokio::test]
    async fn packed_files_are_sent_as_they_are_to_those_who_read_them() {
        let (_folder, assets) = site();
        let accepting = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"))]);
        let packed = file(&assets, &accepting, "/pkg/a.js").await.expect("exists");
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(packed.headers()[header::CACHE_CONTROL], "no-cache");
        let plain = file(&assets, &HeaderMap::new(), "/pkg/a.js").await.expect("exists");
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        let again = HeaderMap::from_iter([(header::IF_NONE_MATCH, plain.headers()[header::ETAG].clone())]);
        let known = file(&assets, &again, "/pkg/a.js").await.expect("exists");
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn names_with_a_hash_are_kept_for_ever() {
        let (_folder, assets) = site();
        let names = assets.names().await.expect("a manifest");
        let css = file(&assets, &HeaderMap::new(), &names.css).await.expect("exists");
        assert_eq!(css.headers()[header::CACHE_CONTROL], FOR_EVER);
        assert_eq!(css.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
    }

    #[tokio::test]
    async fn no_address_leaves_the_folder() {
        let (_folder, assets) = site();
        for address in [
            "/../secret.txt",
            "/pkg/../../secret.txt",
            "/..%2fsecret.txt",
            "//secret.txt",
            "/.hidden.txt",
            "/pkg/..\\a.js",
        ] {
            assert!(file(&assets, &HeaderMap::new(), address).await.is_none(), "{address}");
        }
    }

    #[tokio::test]
    async fn without_a_bundle_there_are_no_names() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(Assets::find(Some(folder.path().to_owned())).names().await, None);
    }
}
