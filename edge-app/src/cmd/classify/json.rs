//! The findings for programs: one JSON object a line. Its fields are a promise; `tests/json.rs` holds them.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use lakshan_core::manifest::Manifest;
use lakshan_core::{Face, Finding, Keypoints, Resemblance, RetakeReason, Syndrome};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Classified;

#[derive(Serialize)]
struct Line<'a> {
    photo: String,
    finding: FindingFields,
    /// `null` when the photograph must be taken again.
    probabilities: Option<ById>,
    /// The network's own outputs, each with as many digits as it takes to tell it from its neighbours: the same on every
    /// processor. `null` when the photograph must be taken again.
    logits: Option<ById>,
    /// `null` when there is no face.
    face: Option<FaceFields>,
    bundle: BundleFields<'a>,
    milliseconds: Milliseconds,
    /// What must stand beside the result, e.g. that the bundle knows synthetic faces only.
    notice: Option<&'static str>,
}

#[derive(Serialize)]
struct FindingFields {
    kind: &'static str,
    /// Why the photograph must be taken again; otherwise `null`.
    reason: Option<&'static str>,
    /// The classes that the face resembles; otherwise empty.
    classes: Vec<ClassFields>,
}

#[derive(Serialize)]
struct ClassFields {
    id: &'static str,
    probability: f32,
}

#[derive(Serialize)]
struct FaceFields {
    x: f32,
    y: f32,
    width: f32,
    height: f32,
    keypoints: Keypoints,
    score: f32,
}

#[derive(Serialize)]
struct BundleFields<'a> {
    name: &'a str,
    version: &'a str,
    provenance: &'a str,
}

/// Stages that were not reached are `null`.
#[derive(Serialize)]
struct Milliseconds {
    decode: f64,
    detect: f64,
    crop: Option<f64>,
    infer: Option<f64>,
    total: f64,
}

/// Numbers by class id, in class order.
struct ById([f32; Syndrome::COUNT]);

impl Serialize for ById {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Syndrome::COUNT))?;
        for class in Syndrome::ALL {
            map.serialize_entry(class.id(), &self.0[class.index()])?;
        }
        map.end()
    }
}

/// Writes one line.
pub(super) fn write(out: &mut impl Write, photo: &Path, found: &Classified, manifest: &Manifest) -> io::Result<()> {
    let durations = found.screening.durations;
    let line = Line {
        photo: photo.to_string_lossy().into_owned(),
        finding: finding_fields(&found.screening.finding),
        probabilities: found.screening.scores.map(|(_, probabilities)| ById(*probabilities.values())),
        logits: found.screening.scores.map(|(logits, _)| ById(*logits.values())),
        face: found.screening.face.map(face_fields),
        bundle: BundleFields {
            name: &manifest.name,
            version: &manifest.version,
            provenance: &manifest.provenance.statement,
        },
        milliseconds: Milliseconds {
            decode: milliseconds(found.decode),
            detect: milliseconds(durations.detect),
            crop: durations.crop.map(milliseconds),
            infer: durations.infer.map(milliseconds),
            total: milliseconds(found.total),
        },
        notice: manifest.provenance.notice(),
    };
    serde_json::to_writer(&mut *out, &line).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

fn finding_fields(finding: &Finding) -> FindingFields {
    let reason = match finding {
        Finding::Retake(reason) => Some(RetakeReason::id(*reason)),
        _ => None,
    };
    let classes = match finding {
        Finding::Resembles(classes) => classes.iter().map(class_fields).collect(),
        _ => Vec::new(),
    };
    FindingFields { kind: finding.kind(), reason, classes }
}

fn class_fields(found: &Resemblance) -> ClassFields {
    ClassFields { id: found.class.id(), probability: found.probability }
}

fn face_fields(face: Face) -> FaceFields {
    let bounds = face.bounds;
    let (x, y, width, height) = (bounds.x, bounds.y, bounds.width, bounds.height);
    FaceFields { x, y, width, height, keypoints: face.keypoints, score: face.score }
}

/// To a thousandth, which is more than the clock is worth.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
