//! The exact settings of common clients, as text to paste. One table; the address goes where a recipe says so.
//! Not here: which doors are open (`doors`), and how a recipe looks.

use super::address::{Language, System};
use super::doors::Door;

/// What to paste, for one way of one client.
#[derive(Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The clients' words: whose settings these are.
    pub system: System,
    /// Written in, or for.
    pub language: Language,
    /// Which way it is, and where it goes.
    pub title: &'static str,
    /// What it speaks to. Without it the recipe would not work.
    pub door: Door,
    /// `{address}` stands for host and port, `{host}` and `{port}` for each.
    text: &'static str,
}

const fn recipe(system: System, language: Language, door: Door, title: &'static str, text: &'static str) -> Recipe {
    Recipe { system, language, title, door, text }
}

/// In the order in which they are shown.
const RECIPES: &[Recipe] = &[
    recipe(
        System::OpenTelemetry,
        Language::Any,
        Door::OtlpGrpc,
        "Every SDK, over gRPC",
        "export OTEL_SERVICE_NAME=my-service\nexport OTEL_EXPORTER_OTLP_ENDPOINT=http://{address}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
    ),
    recipe(
        System::OpenTelemetry,
        Language::Any,
        Door::OtlpHttp,
        "Every SDK, over HTTP",
        "export OTEL_SERVICE_NAME=my-service\nexport OTEL_EXPORTER_OTLP_ENDPOINT=http://{address}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
    ),
    recipe(
        System::OpenTelemetry,
        Language::Java,
        Door::OtlpHttp,
        "Java agent, no change to the program",
        "java -javaagent:opentelemetry-javaagent.jar \\\n  -Dotel.service.name=my-service \\\n  -Dotel.exporter.otlp.protocol=http/protobuf \\\n  -Dotel.exporter.otlp.endpoint=http://{address} \\\n  -jar app.jar",
    ),
    recipe(
        System::OpenTelemetry,
        Language::Node,
        Door::OtlpHttp,
        "Node.js, no change to the program",
        "npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node\nexport OTEL_SERVICE_NAME=my-service\nexport OTEL_EXPORTER_OTLP_ENDPOINT=http://{address}\nnode --require @opentelemetry/auto-instrumentations-node/register app.js",
    ),
    recipe(
        System::OpenTelemetry,
        Language::Node,
        Door::OtlpHttp,
        "In a browser; the server needs --cors-origins with the origin of your page",
        "import { OTLPTraceExporter } from \"@opentelemetry/exporter-trace-otlp-http\";\n\nconst exporter = new OTLPTraceExporter({ url: \"http://{address}/v1/traces\" });",
    ),
    recipe(
        System::OpenTelemetry,
        Language::Python,
        Door::OtlpHttp,
        "Python, no change to the program",
        "pip install opentelemetry-distro opentelemetry-exporter-otlp-proto-http\nopentelemetry-bootstrap --action=install\nexport OTEL_SERVICE_NAME=my-service\nexport OTEL_EXPORTER_OTLP_ENDPOINT=http://{address}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\nopentelemetry-instrument python app.py",
    ),
    recipe(
        System::OpenTelemetry,
        Language::Go,
        Door::OtlpHttp,
        "Go, otlptracehttp",
        "exporter, err := otlptracehttp.New(ctx,\n\totlptracehttp.WithEndpointURL(\"http://{address}/v1/traces\"))",
    ),
    recipe(
        System::OpenTelemetry,
        Language::DotNet,
        Door::OtlpGrpc,
        ".NET, OpenTelemetry.Exporter.OpenTelemetryProtocol",
        "builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing\n    .AddAspNetCoreInstrumentation()\n    .AddOtlpExporter(otlp => otlp.Endpoint = new Uri(\"http://{address}\")));",
    ),
    recipe(
        System::OpenTelemetry,
        Language::Rust,
        Door::OtlpHttp,
        "Rust, opentelemetry-otlp",
        "let exporter = opentelemetry_otlp::SpanExporter::builder()\n    .with_http()\n    .with_endpoint(\"http://{address}/v1/traces\")\n    .build()?;",
    ),
    recipe(
        System::Jaeger,
        Language::Any,
        Door::JaegerHttp,
        "Clients for Java, Go and C#, over HTTP",
        "export JAEGER_SERVICE_NAME=my-service\nexport JAEGER_ENDPOINT=http://{address}/api/traces\nexport JAEGER_SAMPLER_TYPE=const\nexport JAEGER_SAMPLER_PARAM=1",
    ),
    recipe(
        System::Jaeger,
        Language::Any,
        Door::JaegerCompact,
        "The same over UDP, in place of an agent",
        "export JAEGER_SERVICE_NAME=my-service\nexport JAEGER_AGENT_HOST={host}\nexport JAEGER_AGENT_PORT={port}",
    ),
    recipe(
        System::Jaeger,
        Language::Any,
        Door::Sampling,
        "Sampling rates from the server",
        "export JAEGER_SAMPLER_TYPE=remote\nexport JAEGER_SAMPLER_MANAGER_HOST_PORT={address}",
    ),
    recipe(
        System::Jaeger,
        Language::Java,
        Door::JaegerHttp,
        "Java, jaeger-client",
        "Tracer tracer = new Configuration(\"my-service\")\n    .withSampler(new SamplerConfiguration().withType(\"const\").withParam(1))\n    .withReporter(new ReporterConfiguration().withSender(\n        new SenderConfiguration().withEndpoint(\"http://{address}/api/traces\")))\n    .getTracer();",
    ),
    recipe(
        System::Jaeger,
        Language::Node,
        Door::JaegerHttp,
        "Node.js, jaeger-client over HTTP",
        "const { initTracer } = require(\"jaeger-client\");\n\nconst tracer = initTracer({\n  serviceName: \"my-service\",\n  sampler: { type: \"const\", param: 1 },\n  reporter: { collectorEndpoint: \"http://{address}/api/traces\" },\n}, {});",
    ),
    recipe(
        System::Jaeger,
        Language::Node,
        Door::JaegerBinary,
        "Node.js, jaeger-client over UDP",
        "const { initTracer } = require(\"jaeger-client\");\n\nconst tracer = initTracer({\n  serviceName: \"my-service\",\n  sampler: { type: \"const\", param: 1 },\n  reporter: { agentHost: \"{host}\", agentPort: {port} },\n}, {});",
    ),
    recipe(
        System::Jaeger,
        Language::Python,
        Door::JaegerCompact,
        "Python, jaeger-client over UDP",
        "from jaeger_client import Config\n\ntracer = Config(\n    service_name=\"my-service\",\n    config={\n        \"sampler\": {\"type\": \"const\", \"param\": 1},\n        \"local_agent\": {\"reporting_host\": \"{host}\", \"reporting_port\": {port}},\n    },\n).initialize_tracer()",
    ),
    recipe(
        System::Jaeger,
        Language::Go,
        Door::JaegerHttp,
        "Go, jaeger-client-go",
        "tracer, closer, err := config.Configuration{\n\tServiceName: \"my-service\",\n\tSampler:     &config.SamplerConfig{Type: \"const\", Param: 1},\n\tReporter:    &config.ReporterConfig{CollectorEndpoint: \"http://{address}/api/traces\"},\n}.NewTracer()",
    ),
    recipe(
        System::Zipkin,
        Language::Java,
        Door::Zipkin,
        "Spring Boot 3, application.properties",
        "management.tracing.sampling.probability=1.0\nmanagement.zipkin.tracing.endpoint=http://{address}/api/v2/spans",
    ),
    recipe(
        System::Zipkin,
        Language::Java,
        Door::Zipkin,
        "Java, Brave",
        "var sender = URLConnectionSender.create(\"http://{address}/api/v2/spans\");\nvar tracing = Tracing.newBuilder()\n    .localServiceName(\"my-service\")\n    .addSpanHandler(AsyncZipkinSpanHandler.create(sender))\n    .build();",
    ),
    recipe(
        System::Zipkin,
        Language::Node,
        Door::Zipkin,
        "Node.js, zipkin",
        "const { Tracer, BatchRecorder, ExplicitContext, jsonEncoder } = require(\"zipkin\");\nconst { HttpLogger } = require(\"zipkin-transport-http\");\n\nconst tracer = new Tracer({\n  ctxImpl: new ExplicitContext(),\n  localServiceName: \"my-service\",\n  recorder: new BatchRecorder({ logger: new HttpLogger({\n    endpoint: \"http://{address}/api/v2/spans\", jsonEncoder: jsonEncoder.JSON_V2,\n  }) }),\n});",
    ),
    recipe(
        System::Zipkin,
        Language::Python,
        Door::Zipkin,
        "Python, py_zipkin",
        "import requests\nfrom py_zipkin import Encoding\nfrom py_zipkin.zipkin import zipkin_span\n\ndef send(spans):\n    requests.post(\"http://{address}/api/v2/spans\", data=spans,\n                  headers={\"Content-Type\": \"application/json\"})\n\nwith zipkin_span(\"my-service\", \"my-operation\", transport_handler=send,\n                 sample_rate=100, encoding=Encoding.V2_JSON):\n    work()",
    ),
    recipe(
        System::Zipkin,
        Language::Go,
        Door::Zipkin,
        "Go, zipkin-go",
        "reporter := zipkinhttp.NewReporter(\"http://{address}/api/v2/spans\")\ntracer, err := zipkin.NewTracer(reporter)",
    ),
];

impl Recipe {
    /// The text for a door that is reached at `host` and `port`.
    pub fn text(&self, host: &str, port: &str) -> String {
        self.text.replace("{address}", &format!("{host}:{port}")).replace("{host}", host).replace("{port}", port)
    }
}

/// The languages of a system, in the order of [`Language::ALL`].
pub fn languages(system: System) -> impl Iterator<Item = Language> {
    let has =
        move |language: &Language| RECIPES.iter().any(|known| known.system == system && known.language == *language);
    Language::ALL.into_iter().filter(has)
}

/// What is shown for a choice.
pub fn of(system: System, language: Language) -> impl Iterator<Item = &'static Recipe> {
    RECIPES.iter().filter(move |recipe| recipe.system == system && recipe.language == language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recipe_names_the_address_and_leaves_no_gap() {
        for recipe in RECIPES {
            let text = recipe.text("collector.example", "4711");
            assert!(text.contains("collector.example") && text.contains("4711"), "{}: {text}", recipe.title);
            assert!(!text.contains("{address}") && !text.contains("{host}") && !text.contains("{port}"), "{text}");
        }
    }

    #[test]
    fn every_system_has_recipes_and_what_is_shown_first_is_one_of_them() {
        for system in System::ALL {
            let first = super::super::address::SendAddress { system, language: None }.language();
            assert!(of(system, first).next().is_some(), "{system:?} begins with {first:?}");
        }
    }
}
