//! Runs the program, and makes a bundle whose network gives the same twelve logits for every picture.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lakshan_core::manifest::{
    DataKind, FORMAT_VERSION, FileEntry, MODEL_CARD_FILE, Manifest, NETWORK_FILE, Provenance,
};
use lakshan_core::policy::Policy;
use lakshan_core::{Syndrome, preprocess};
use lakshan_engine::onnx::{
    GraphProto, Message, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto,
    ValueInfoProto, tensor_shape_proto, type_proto,
};
use lakshan_vision::DEFAULT_THRESHOLDS;
use tempfile::TempDir;

/// A folder for one test, with a toy bundle in `bundle/`.
pub(crate) struct Folder(TempDir);

/// What the program did.
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

/// Logits that favour the given classes; all others are far below zero.
pub(crate) fn logits(favoured: &[(Syndrome, f32)]) -> [f32; 12] {
    let mut logits = [-9.0; 12];
    for (class, value) in favoured {
        logits[class.index()] = *value;
    }
    logits
}

/// One of the public-domain portraits.
pub(crate) fn portrait() -> PathBuf {
    vision_test_file("faces/B000755.jpg")
}

/// A file that the tests of `lakshan-vision` share.
pub(crate) fn vision_test_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vision/tests").join(name)
}

impl Folder {
    /// With a bundle that always finds Down syndrome.
    pub(crate) fn new() -> Self {
        Self::with_logits(logits(&[(Syndrome::Down, 6.0)]))
    }

    /// With a bundle that always gives these logits.
    pub(crate) fn with_logits(logits: [f32; 12]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::create_dir(folder.path("bundle")).unwrap();
        folder.write("bundle/MODEL_CARD.md", b"# Toy\n");
        folder.write("bundle/model.onnx", &network(logits, 224));
        folder.write_manifest(|_| {});
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, contents: &[u8]) -> PathBuf {
        fs::write(self.path(name), contents).unwrap();
        self.path(name)
    }

    pub(crate) fn picture(&self, name: &str, picture: impl Into<image::DynamicImage>) -> PathBuf {
        picture.into().save(self.path(name)).unwrap();
        self.path(name)
    }

    /// Writes the manifest of the bundle's files as they are now, after `change` was made to its JSON.
    pub(crate) fn write_manifest(&self, change: impl FnOnce(&mut serde_json::Value)) {
        let entry = |name: &str| (name.to_owned(), FileEntry::of(&fs::read(self.path("bundle").join(name)).unwrap()));
        let manifest = Manifest {
            format_version: FORMAT_VERSION,
            name: "toy".into(),
            version: "1.2.3".into(),
            classes: Syndrome::ALL.map(|class| class.id().to_owned()).to_vec(),
            preprocess_version: preprocess::VERSION,
            input_shape: vec![1, 3, 224, 224],
            policy: Policy {
                temperature: 1.0,
                class_bias: [0.0; 12],
                refusal_temperature: 1.0,
                refusal_threshold: 0.0,
                set_thresholds: [0.1; 12],
            },
            quality: DEFAULT_THRESHOLDS,
            files: [NETWORK_FILE, MODEL_CARD_FILE].into_iter().map(entry).collect(),
            provenance: Provenance { kind: DataKind::Synthetic, statement: "no data: made up in a test".into() },
            training: serde_json::Value::Null,
            metrics: serde_json::Value::Null,
            known_logits: None,
        };
        let mut json = serde_json::to_value(manifest).unwrap();
        change(&mut json);
        self.write("bundle/manifest.json", &serde_json::to_vec_pretty(&json).unwrap());
    }

    /// `edge-app classify --bundle <this bundle>` with more arguments.
    pub(crate) fn classify(&self, arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Run {
        let mut command = program();
        command.arg("classify").arg("--bundle").arg(self.path("bundle"));
        command.args(arguments.iter().map(|argument| argument.as_ref()));
        Run::of(&mut command)
    }
}

/// The program, in a folder without a bundle and with a clean environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_edge-app"));
    command.env_remove("LAKSHAN_BUNDLE").current_dir(std::env::temp_dir());
    command
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().unwrap();
        let run = Self {
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
            code: status.code().expect("not ended by a signal"),
        };
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        run
    }

    /// Ended with 0 and nothing on stderr.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""));
        self
    }

    /// Ended with 1, and stderr is an error with a hint that says all of `words`.
    #[track_caller]
    pub(crate) fn failed(self, words: &[&str]) -> Self {
        assert_eq!(self.code, 1, "{}", self.stderr);
        assert!(self.stderr.starts_with("error: "), "{}", self.stderr);
        assert!(self.stderr.contains("\nhint: "), "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "'{word}' is not in: {}", self.stderr);
        }
        self
    }
}

/// An ONNX file with input 1 x 3 x `side` x `side`: global average pool, then a dense layer with zero weights.
pub(crate) fn network(logits: [f32; 12], side: i64) -> Vec<u8> {
    let node = |kind: &str, inputs: &[&str], output: &str| NodeProto {
        op_type: kind.into(),
        name: output.into(),
        input: inputs.iter().map(|name| (*name).into()).collect(),
        output: vec![output.into()],
        ..Default::default()
    };
    let tensor = |name: &str, dims: &[i64], values: Vec<f32>| TensorProto {
        name: name.into(),
        dims: dims.to_vec(),
        data_type: 1,
        float_data: values,
        ..Default::default()
    };
    let value = |name: &str, dims: &[i64]| ValueInfoProto {
        name: name.into(),
        r#type: Some(TypeProto {
            value: Some(type_proto::Value::TensorType(type_proto::Tensor {
                elem_type: 1,
                shape: Some(TensorShapeProto {
                    dim: dims
                        .iter()
                        .map(|size| tensor_shape_proto::Dimension {
                            value: Some(tensor_shape_proto::dimension::Value::DimValue(*size)),
                            ..Default::default()
                        })
                        .collect(),
                }),
            })),
            ..Default::default()
        }),
        ..Default::default()
    };
    let graph = GraphProto {
        name: "toy".into(),
        node: vec![
            node("GlobalAveragePool", &["input"], "pooled"),
            node("Flatten", &["pooled"], "flat"),
            node("Gemm", &["flat", "weight", "bias"], "logits"),
        ],
        initializer: vec![tensor("weight", &[3, 12], vec![0.0; 36]), tensor("bias", &[12], logits.to_vec())],
        input: vec![value("input", &[1, 3, side, side])],
        output: vec![value("logits", &[1, 12])],
        ..Default::default()
    };
    let opset = OperatorSetIdProto { domain: String::new(), version: 13 };
    let model = ModelProto { ir_version: 8, opset_import: vec![opset], graph: Some(graph), ..Default::default() };
    model.encode_to_vec()
}
