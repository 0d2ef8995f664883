//! The head's mesh: base shape, the targets that change it, and what lies where on it.

mod front;
mod obj;
mod regions;
mod subdivide;
mod targets;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) use front::Front;
pub(crate) use regions::Regions;
pub(crate) use subdivide::Subdivision;
pub(crate) use targets::Target;

use crate::vector::V3;

/// A mesh folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: {fault}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
}

/// Vertices of MakeHuman's base mesh `hm08`; another number means another mesh, whose targets would not fit.
const BASE_VERTICES: usize = 19_158;
const BODY_VERTICES: usize = 13_380;

/// What is kept of the body: above this height and within this width (units of the base mesh, about a decimetre).
const CUT_BELOW_Y: f32 = 0.5;
const CUT_BEYOND_X: f32 = 4.6;

/// Base mesh, targets and regions of a head; loaded once and shared by all threads.
///
/// Vertices are renumbered: only head, neck, shoulders, eyeballs, lashes, teeth and tongue are kept. The subject's own
/// left is at positive x, up is y, the face looks along z.
#[derive(Debug)]
pub struct HeadModel {
    pub(crate) rest: Vec<V3>,
    targets: BTreeMap<String, Target>,
    /// Skin, teeth and tongue, once subdivided.
    pub(crate) division: Subdivision,
    /// How many of `division.quads` are skin, teeth and tongue, in this order.
    pub(crate) skin_quads: usize,
    pub(crate) teeth_quads: usize,
    /// Vertices of the right and the left eyeball.
    pub(crate) eyeballs: [Vec<u32>; 2],
    /// Root and tip vertices of the lashes: right upper, right lower, left upper, left lower.
    pub(crate) lashes: [Vec<[u32; 2]>; 4],
    pub(crate) tongue: Vec<u32>,
    pub(crate) teeth: Vec<u32>,
    pub(crate) regions: Regions,
    pub(crate) front: Front,
    /// Pairs of opposite targets (both sides of the face together) that vary freely between people.
    pub(crate) variation: Vec<[Vec<String>; 2]>,
}

impl HeadModel {
    /// Loads the meshes from `dir`, the folder that holds `3dobjs/` and `targets/`.
    ///
    /// # Errors
    /// If a file is missing or is not the base mesh and targets that this crate knows.
    pub fn load(dir: &Path) -> Result<Self, LoadError> {
        let path = dir.join("3dobjs/base.obj");
        let obj = obj::read(&path)?;
        if obj.vertices.len() != BASE_VERTICES {
            let fault = format!("{} vertices instead of the {BASE_VERTICES} of MakeHuman's hm08", obj.vertices.len());
            return Err(LoadError::Malformed { path, fault });
        }
        let mut quads = Vec::new();
        let mut of_group = |wanted: &dyn Fn(&str, &[u32; 4]) -> bool| {
            let before = quads.len();
            quads.extend(obj.quads.iter().filter(|(group, quad)| wanted(group, quad)).map(|(_, quad)| *quad));
            before..quads.len()
        };
        let near = |v: &u32| {
            let p = obj.vertices[*v as usize];
            p.y > CUT_BELOW_Y && p.x.abs() < CUT_BEYOND_X
        };
        let skin = of_group(&|group, quad| group == "body" && quad.iter().all(near));
        let teeth = of_group(&|group, _| group == "helper-upper-teeth" || group == "helper-lower-teeth");
        let tongue = of_group(&|group, _| group == "helper-tongue");
        let right_eye = of_group(&|group, _| group == "helper-r-eye");
        let left_eye = of_group(&|group, _| group == "helper-l-eye");
        // The `-2` strips are the upper lashes, the `-1` strips the lower.
        let lashes = ["helper-r-eyelashes-2", "helper-r-eyelashes-1", "helper-l-eyelashes-2", "helper-l-eyelashes-1"]
            .map(|name| of_group(&|group, _| group == name));

        let mut kept: Vec<Option<u32>> = vec![None; BASE_VERTICES];
        for &vertex in quads.iter().flatten() {
            kept[vertex as usize] = Some(0);
        }
        let mut rest = Vec::new();
        for (place, &vertex) in kept.iter_mut().zip(&obj.vertices) {
            if let Some(place) = place {
                *place = rest.len() as u32;
                rest.push(vertex);
            }
        }
        for vertex in quads.iter_mut().flatten() {
            *vertex = kept[*vertex as usize].expect("every vertex of a kept quad is kept");
        }
        let vertices_of = |range: std::ops::Range<usize>| {
            let mut vertices: Vec<u32> = quads[range].iter().flatten().copied().collect();
            vertices.sort_unstable();
            vertices.dedup();
            vertices
        };
        let eyeballs = [vertices_of(right_eye), vertices_of(left_eye)];
        let tongue_vertices = vertices_of(tongue.clone());
        let teeth_vertices = vertices_of(teeth.clone());
        let centre = |eye: &[u32]| eye.iter().fold(V3::ZERO, |s, &v| s + rest[v as usize]) * (1.0 / eye.len() as f32);
        let centres = [centre(&eyeballs[0]), centre(&eyeballs[1])];
        let mut strips = lashes.into_iter().enumerate();
        let lashes = std::array::from_fn(|_| {
            let (i, range) = strips.next().expect("four strips");
            lash_pairs(&quads[range], &rest, centres[i / 2])
        });
        let division = Subdivision::new(rest.len(), &quads[skin.start..tongue.end]);
        let targets = targets::read(&dir.join("targets"), &macro_names(), &kept)?;
        let variation = opposite_pairs(&targets);
        let regions = Regions::new(&kept[..BODY_VERTICES], &rest, &division, skin.len() * 4);
        let front = Front::new(&regions.rest, &division, skin.len() * 4);
        Ok(Self {
            rest,
            targets,
            division,
            skin_quads: skin.len() * 4,
            teeth_quads: teeth.len() * 4,
            eyeballs,
            lashes,
            tongue: tongue_vertices,
            teeth: teeth_vertices,
            regions,
            front,
            variation,
        })
    }

    /// Whether a target of this name (`folder/name`) exists.
    pub fn has_target(&self, name: &str) -> bool {
        self.targets.contains_key(name)
    }

    /// Adds `weight` times the target to the vertices.
    pub(crate) fn add(&self, vertices: &mut [V3], name: &str, weight: f32) {
        let target = self.targets.get(name).unwrap_or_else(|| panic!("no target {name}"));
        for &(v, d) in target {
            vertices[v as usize] += d * weight;
        }
    }
}

/// Names below `macrodetails/` of the targets that mix ancestry, sex and age, and of thin and heavy build.
fn macro_names() -> Vec<String> {
    let mut names = Vec::new();
    for sex in ["female", "male"] {
        for age in ["baby", "child", "young", "old"] {
            for ancestry in ["african", "asian", "caucasian"] {
                names.push(format!("{ancestry}-{sex}-{age}"));
            }
            for weight in ["minweight", "maxweight"] {
                names.push(format!("universal-{sex}-{age}-averagemuscle-{weight}"));
            }
        }
    }
    names
}

/// Pairs each lash tip with its root: the ends of the quads' edges that point away from the eyeball.
fn lash_pairs(quads: &[[u32; 4]], rest: &[V3], eye: V3) -> Vec<[u32; 2]> {
    let distance = |v: u32| (rest[v as usize] - eye).length();
    let mut pairs: BTreeMap<u32, u32> = BTreeMap::new();
    for quad in quads {
        for k in 0..4 {
            let (a, b) = (quad[k], quad[(k + 1) % 4]);
            let (root, tip) = if distance(a) < distance(b) { (a, b) } else { (b, a) };
            if distance(tip) - distance(root) > 0.02 {
                pairs.insert(root, tip);
            }
        }
    }
    pairs.into_iter().map(|(root, tip)| [root, tip]).collect()
}

/// Every pair `...-decr`/`...-incr` and the like, left and right together, that people differ in.
fn opposite_pairs(targets: &BTreeMap<String, Target>) -> Vec<[Vec<String>; 2]> {
    const OPPOSITES: [(&str, &str); 7] = [
        ("decr", "incr"),
        ("down", "up"),
        ("in", "out"),
        ("backward", "forward"),
        ("concave", "convex"),
        ("compress", "uncompress"),
        ("round", "square"),
    ];
    // Moving the whole head or neck is pose, not person; dimples and laugh lines are expression.
    const LEFT_OUT: [&str; 12] = [
        "measure-",
        "asym",
        "head-trans",
        "neck-trans",
        "head-age",
        "head-angle",
        "mouth-trans-in",
        "nose-trans-in",
        "dimples",
        "laugh-lines",
        "expression",
        "head-round",
    ];
    let mut pairs = Vec::new();
    for name in targets.keys().filter(|n| !n.starts_with("macrodetails/")) {
        if LEFT_OUT.iter().any(|part| name.contains(part)) || name.contains("/r-") {
            continue;
        }
        for (low, high) in OPPOSITES {
            let Some(stem) = name.strip_suffix(&format!("-{low}")) else { continue };
            let opposite = format!("{stem}-{high}");
            if targets.contains_key(&opposite) {
                let both = |name: &str| {
                    let right = name.replace("/l-", "/r-");
                    if right == name { vec![right] } else { vec![name.to_owned(), right] }
                };
                pairs.push([both(name), both(&opposite)]);
            }
        }
    }
    pairs
}
