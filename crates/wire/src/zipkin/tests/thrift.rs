//! Thrift written by the protocol's own library is read as the same span in JSON.

use thrift::protocol::{
    TBinaryOutputProtocol, TFieldIdentifier, TListIdentifier, TOutputProtocol, TStructIdentifier, TType,
};

use crate::Limits;
use crate::outline::outline_batch;
use crate::zipkin::{v1_json, v1_thrift};

/// Writes one struct after the other.
struct Writer<'p>(TBinaryOutputProtocol<&'p mut Vec<u8>>);

impl Writer<'_> {
    fn field(&mut self, kind: TType, id: i16, write: impl FnOnce(&mut Self)) {
        self.0.write_field_begin(&TFieldIdentifier::new("", kind, id)).expect("memory");
        write(self);
        self.0.write_field_end().expect("memory");
    }

    fn structure(&mut self, write: impl FnOnce(&mut Self)) {
        self.0.write_struct_begin(&TStructIdentifier::new("")).expect("memory");
        write(self);
        self.0.write_field_stop().expect("memory");
        self.0.write_struct_end().expect("memory");
    }

    fn list(&mut self, count: i32, write: impl FnOnce(&mut Self)) {
        self.0.write_list_begin(&TListIdentifier::new(TType::Struct, count)).expect("memory");
        write(self);
        self.0.write_list_end().expect("memory");
    }

    fn i64(&mut self, id: i16, number: i64) {
        self.field(TType::I64, id, |this| this.0.write_i64(number).expect("memory"));
    }

    fn bytes(&mut self, id: i16, bytes: &[u8]) {
        self.field(TType::String, id, |this| this.0.write_bytes(bytes).expect("memory"));
    }

    fn host(&mut self, id: i16) {
        self.field(TType::Struct, id, |this| {
            this.structure(|this| {
                this.field(TType::I32, 1, |this| this.0.write_i32(0x0a00_0001).expect("memory"));
                this.field(TType::I16, 2, |this| this.0.write_i16(-1).expect("memory"));
                this.bytes(3, b"shop");
            });
        });
    }

    fn binary(&mut self, key: &str, kind: i32, value: &[u8]) {
        self.structure(|this| {
            this.bytes(1, key.as_bytes());
            this.bytes(2, value);
            this.field(TType::I32, 3, |this| this.0.write_i32(kind).expect("memory"));
            this.host(4);
        });
    }

    fn span(&mut self) {
        self.i64(1, 0x1122_3344_5566_7788);
        self.bytes(3, b"get");
        self.i64(4, 9);
        self.i64(5, 8);
        self.field(TType::List, 6, |this| {
            this.list(2, |this| {
                for (time, value) in [(10, "sr"), (50, "ss")] {
                    this.structure(|this| {
                        this.i64(1, time);
                        this.bytes(2, value.as_bytes());
                        this.host(3);
                    });
                }
            });
        });
        self.field(TType::List, 8, |this| {
            this.list(5, |this| {
                this.binary("text", 6, b"x");
                this.binary("yes", 0, &[1]);
                this.binary("long", 4, &7i64.to_be_bytes());
                this.binary("short", 2, &(-7i16).to_be_bytes());
                this.binary("double", 5, &1.5f64.to_be_bytes());
            });
        });
        self.field(TType::Bool, 9, |this| this.0.write_bool(true).expect("memory"));
        self.i64(12, 5);
    }
}

#[test]
fn thrift_says_the_same_as_json() {
    let mut bytes = Vec::new();
    Writer(TBinaryOutputProtocol::new(&mut bytes, true)).list(1, |this| this.structure(Writer::span));
    let host = r#"{"serviceName":"shop","ipv4":"10.0.0.1","port":65535}"#;
    let pairs = [r#""text","value":"x""#, r#""yes","value":true"#, r#""long","value":7"#, r#""short","value":-7"#];
    let mut binary: Vec<String> = pairs.iter().map(|pair| format!(r#"{{"key":{pair},"endpoint":{host}}}"#)).collect();
    binary.push(format!(r#"{{"key":"double","value":1.5,"endpoint":{host}}}"#));
    let json = format!(
        r#"[{{"traceId":"00000000000000051122334455667788","name":"get","id":"9","parentId":"8","debug":true,
        "annotations":[{{"timestamp":10,"value":"sr","endpoint":{host}}},{{"timestamp":50,"value":"ss","endpoint":{host}}}],
        "binaryAnnotations":[{}]}}]"#,
        binary.join(",")
    );
    let limits = Limits::default();
    let from_thrift = v1_thrift::decode(&bytes, &limits).expect("a list");
    let from_json = v1_json::decode(json.as_bytes(), &limits).expect("a list");
    assert_eq!(outline_batch(&from_thrift), outline_batch(&from_json));
    assert_eq!(from_thrift.batch.map(|batch| batch.len()), Some(1));
    for end in 1..bytes.len() {
        assert!(v1_thrift::decode(&bytes[..end], &limits).is_err(), "cut at {end}");
    }
}
