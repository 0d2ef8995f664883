//! Changes of shape that no single target makes. Where a vertex is changed is decided by its place on the base mesh, so
//! that effects add up in any order and fit every face.
//!
//! Lengths are in units of the base mesh, about a decimetre; landmarks are read off it.

use crate::head::HeadModel;
use crate::vector::{V3, bell, smoothstep, v3};

/// Centre of the left eyeball; the right one is mirrored.
pub(crate) const EYE: V3 = v3(0.308, 7.284, 1.245);
/// Inner corner of the left eye.
const CANTHUS: V3 = v3(0.175, 7.262, 1.34);
/// Middle of the head, between the ears and above them.
pub(crate) const CENTRE: V3 = v3(0.0, 7.35, 0.55);
const CHIN_Y: f32 = 6.2;
const NOSE_BASE_Y: f32 = 6.85;

/// Does `amount` of the effect called `name`; effects of texture and hair change no vertex.
pub(crate) fn deform(model: &HeadModel, vertices: &mut [V3], name: &str, amount: f32) {
    let change: fn(V3, V3, f32) -> V3 = match name {
        "vault:size" => |p, r, a| CENTRE + (p - CENTRE) * (1.0 + a * vault(r)),
        "vault:width" => |p, r, a| v3(p.x * (1.0 + a * vault(r)), p.y, p.z),
        "vault:depth" => |p, r, a| v3(p.x, p.y, CENTRE.z + 0.3 + (p.z - CENTRE.z - 0.3) * (1.0 + a * vault(r))),
        "vault:height" => |p, r, a| v3(p.x, CENTRE.y + (p.y - CENTRE.y) * (1.0 + a * vault(r)), p.z),
        "face:length" => |p, r, a| v3(p.x, p.y + a * (r.y.clamp(CHIN_Y, 8.0) - EYE.y), p.z),
        "face:midface" => |p, r, a| {
            let w = bell(r.x, 0.36) * bell(r.y - 6.98, 0.26) * smoothstep(0.8, 1.2, r.z);
            v3(p.x, p.y, p.z + 0.17 * a * w)
        },
        "eyes:slant" => slant,
        "eyes:narrow" => |p, r, a| {
            let (w, eye) = around_eye(r, 0.17, 0.36);
            v3(eye.x + (p.x - eye.x) * (1.0 - 0.16 * a * w), eye.y + (p.y - eye.y) * (1.0 - 0.18 * a * w), p.z)
        },
        "eyes:protrusion" => |p, r, a| {
            let (w, eye) = around_eye(r, 0.16, 0.34);
            let open = 1.0 + 0.22 * a.max(0.0) * w;
            v3(p.x, eye.y + (p.y - eye.y) * open, p.z + 0.11 * a * w)
        },
        "eyes:telecanthus" => |p, r, a| {
            let w = near(r, CANTHUS, 0.075);
            v3(p.x + r.x.signum() * 0.06 * a * w, p.y, p.z + 0.015 * a * w)
        },
        "eyes:epicanthus" => |p, r, a| {
            let w = near(r, CANTHUS + v3(0.015, 0.045, 0.0), 0.06);
            v3(p.x, p.y - 0.035 * a * w, p.z + 0.03 * a * w)
        },
        "eyes:lid_notch" => |p, r, a| {
            let w = near(r, EYE + v3(0.085, -0.075, 0.1), 0.06);
            v3(p.x, p.y - 0.075 * a * w, p.z - 0.01 * a * w)
        },
        "mouth:philtrum" => |p, r, a| {
            let below_nose = smoothstep(NOSE_BASE_Y, NOSE_BASE_Y - 0.13, r.y);
            let w = below_nose * smoothstep(CHIN_Y, 6.5, r.y) * bell(r.x, 0.4) * smoothstep(0.6, 1.1, r.z);
            v3(p.x, p.y - 0.10 * a * w, p.z)
        },
        "neck:web" => |p, r, a| {
            let side = smoothstep(0.18, 0.45, r.x.abs()) * smoothstep(1.0, 0.5, r.z);
            let w = side * smoothstep(5.45, 5.85, r.y) * smoothstep(6.75, 6.2, r.y);
            v3(p.x + r.x.signum() * 0.34 * a * w, p.y, p.z - 0.05 * a * w)
        },
        "ear:tag" => |p, r, a| {
            let w = near(r, v3(0.745, 7.06, 0.60), 0.035).max(near(r, v3(0.735, 6.95, 0.66), 0.025));
            v3(p.x + r.x.signum() * 0.10 * a * w, p.y, p.z + 0.05 * a * w)
        },
        "mouth:tongue" => return put_out_tongue(model, vertices, amount),
        "eyes:ptosis" => return close_lids(model, vertices, 0.38 * amount),
        "mouth:open" => return open_mouth(model, vertices, amount),
        _ => return,
    };
    for (p, r) in vertices.iter_mut().zip(&model.rest) {
        *p = change(*p, *r, amount);
    }
}

/// 1 on the brain-case, 0 on the face, ears and neck.
fn vault(r: V3) -> f32 {
    let above = r.y - (7.22 + 0.2 * (r.z - 0.5));
    smoothstep(0.0, 0.6, above)
}

/// 1 within `inner` of an eye's axis, 0 beyond `outer`, with the centre of that eye.
fn around_eye(r: V3, inner: f32, outer: f32) -> (f32, V3) {
    let eye = v3(EYE.x * r.x.signum(), EYE.y, EYE.z);
    let (dx, dy) = (r.x - eye.x, r.y - eye.y);
    let front = smoothstep(0.7, 1.0, r.z);
    (smoothstep(outer, inner, (dx * dx + dy * dy).sqrt()) * front, eye)
}

/// A bell of this width around a point of the left half, and its mirror image.
fn near(r: V3, point: V3, width: f32) -> f32 {
    let d = v3(r.x.abs(), r.y, r.z) - point;
    bell(d.length(), width)
}

/// Turns lids and lashes about the eye: outer corner up if positive, about 12 degrees at 1.
fn slant(p: V3, r: V3, amount: f32) -> V3 {
    let (w, eye) = around_eye(r, 0.2, 0.4);
    let (sin, cos) = (0.21 * amount * w * r.x.signum()).sin_cos();
    let (dx, dy) = (p.x - eye.x, p.y - eye.y);
    v3(eye.x + cos * dx - sin * dy, eye.y + sin * dx + cos * dy, p.z)
}

fn open_mouth(model: &HeadModel, vertices: &mut [V3], amount: f32) {
    for ancestry in ["african", "asian", "caucasian"] {
        model.add(vertices, &format!("expression/units/{ancestry}/mouth-open"), 0.4 * amount / 3.0);
    }
}

/// Draws the walls of the mouth and the teeth inwards, so that no small jaw lets them come out through the skin.
pub(crate) fn keep_mouth_inside(model: &HeadModel, vertices: &mut [V3]) {
    let inside = &model.regions.inside;
    let (mut middle, mut n) = (V3::ZERO, 0.0);
    for (&p, &w) in vertices.iter().zip(inside) {
        if w > 0.9 {
            middle += p;
            n += 1.0;
        }
    }
    let middle = middle * (1.0 / n);
    for ((p, r), &w) in vertices.iter_mut().zip(&model.rest).zip(inside) {
        *p = p.mix(middle, 0.35 * smoothstep(0.5, 1.0, w) * smoothstep(1.5, 1.3, r.z));
    }
    for &v in &model.teeth {
        vertices[v as usize] = vertices[v as usize].mix(middle, 0.25);
    }
}

/// Lowers both upper lids; 1 closes the eyes.
fn close_lids(model: &HeadModel, vertices: &mut [V3], amount: f32) {
    for ancestry in ["african", "asian", "caucasian"] {
        for side in ["left", "right"] {
            model.add(vertices, &format!("expression/units/{ancestry}/eye-{side}-closure"), amount / 3.0);
        }
    }
}

/// Opens the mouth a little and brings the tongue out over the lower lip.
fn put_out_tongue(model: &HeadModel, vertices: &mut [V3], amount: f32) {
    open_mouth(model, vertices, 0.6 * amount.min(1.0));
    for &v in &model.tongue {
        let r = model.rest[v as usize];
        let tip = smoothstep(0.8, 1.38, r.z);
        let p = &mut vertices[v as usize];
        *p = v3(
            p.x * (1.0 + 0.25 * tip),
            p.y + 0.03 * tip - 0.10 * tip * tip * amount,
            p.z + 0.52 * amount.min(1.2) * tip,
        );
    }
}
