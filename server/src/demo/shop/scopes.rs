//! Languages of the shop, and the libraries that record spans in each. Not here: which service speaks which language.

use std::sync::Arc;

use model::{Scope, SpanKind};

/// What a service is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    BrowserJs,
    NodeJs,
    Go,
    Rust,
    Java,
    Kotlin,
    Python,
    DotNet,
    Php,
    Ruby,
    Cpp,
}

/// The part of a program that a span comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// Requests received and sent.
    Web,
    /// Databases, caches, queues.
    Data,
    /// The service's own code.
    Own,
}

/// One scope per language and layer, shared by all their spans.
pub(crate) struct Scopes(Vec<[Arc<Scope>; 3]>);

const LANGUAGES: [Language; 11] = {
    use Language::*;
    [BrowserJs, NodeJs, Go, Rust, Java, Kotlin, Python, DotNet, Php, Ruby, Cpp]
};

// === impl Language ===

impl Language {
    /// `telemetry.sdk.language` and the SDK's version.
    pub(crate) fn sdk(self) -> (&'static str, &'static str) {
        match self {
            Language::BrowserJs => ("webjs", "2.12.0"),
            Language::NodeJs => ("nodejs", "2.12.0"),
            Language::Go => ("go", "1.46.0"),
            Language::Rust => ("rust", "0.33.0"),
            Language::Java | Language::Kotlin => ("java", "1.64.0"),
            Language::Python => ("python", "1.45.2"),
            Language::DotNet => ("dotnet", "1.18.0"),
            Language::Php => ("php", "1.14.0"),
            Language::Ruby => ("ruby", "1.12.0"),
            Language::Cpp => ("cpp", "1.27.0"),
        }
    }

    /// `process.runtime.name` and its version.
    pub(crate) fn runtime(self) -> (&'static str, &'static str) {
        match self {
            Language::BrowserJs => ("browser", ""),
            Language::NodeJs => ("nodejs", "24.11.0"),
            Language::Go => ("go", "go1.26.3"),
            Language::Rust => ("rustc", "1.95.0"),
            Language::Java => ("OpenJDK Runtime Environment", "25.0.1"),
            Language::Kotlin => ("OpenJDK Runtime Environment", "21.0.9"),
            Language::Python => ("cpython", "3.14.2"),
            Language::DotNet => (".NET", "10.0.2"),
            Language::Php => ("fpm-fcgi", "8.5.1"),
            Language::Ruby => ("ruby", "4.0.0"),
            Language::Cpp => ("gcc", "15.2.0"),
        }
    }

    /// Names of the libraries for requests and for data.
    fn libraries(self) -> (&'static str, &'static str) {
        match self {
            Language::BrowserJs => ("@opentelemetry/instrumentation-fetch", "@opentelemetry/instrumentation-fetch"),
            Language::NodeJs => ("@opentelemetry/instrumentation-http", "@opentelemetry/instrumentation-kafkajs"),
            Language::Go => {
                ("go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", "github.com/exaring/otelpgx")
            }
            Language::Rust => ("tonic-tracing-opentelemetry", "sqlx-tracing"),
            Language::Java | Language::Kotlin => ("io.opentelemetry.netty-4.1", "io.opentelemetry.jdbc"),
            Language::Python => ("opentelemetry.instrumentation.fastapi", "opentelemetry.instrumentation.psycopg"),
            Language::DotNet => ("Microsoft.AspNetCore", "Npgsql"),
            Language::Php => ("io.opentelemetry.contrib.php.slim", "io.opentelemetry.contrib.php.pdo"),
            Language::Ruby => ("OpenTelemetry::Instrumentation::Rack", "OpenTelemetry::Instrumentation::PG"),
            Language::Cpp => ("currency-grpc", "currency-redis"),
        }
    }
}

// === impl Scopes ===

impl Scopes {
    /// Builds them all once.
    pub(crate) fn new() -> Scopes {
        Scopes(LANGUAGES.iter().map(|language| scopes_of(*language)).collect())
    }

    /// The library that records this layer in `language`.
    pub(crate) fn get(&self, language: Language, layer: Layer) -> Arc<Scope> {
        Arc::clone(&self.0[language as usize][layer as usize])
    }
}

/// The layer that a span of `kind` usually comes from.
pub(crate) fn layer_of(kind: SpanKind) -> Layer {
    match kind {
        SpanKind::Server | SpanKind::Client => Layer::Web,
        SpanKind::Producer | SpanKind::Consumer => Layer::Data,
        SpanKind::Internal => Layer::Own,
    }
}

fn scopes_of(language: Language) -> [Arc<Scope>; 3] {
    let (web, data) = language.libraries();
    let scope = |name: &str, version: &str| {
        Arc::new(Scope { name: name.to_owned(), version: version.to_owned(), ..Scope::default() })
    };
    [scope(web, "0.67.0"), scope(data, "0.67.0"), scope("shop", "")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_finds_its_own_scopes() {
        let scopes = Scopes::new();
        for language in LANGUAGES {
            assert_eq!(scopes.get(language, Layer::Web).name, language.libraries().0, "{language:?}");
        }
    }
}
