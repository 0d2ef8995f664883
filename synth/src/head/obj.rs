//! Reads the parts of `3dobjs/base.obj` that a head needs: vertices, and quads by group.

use std::path::Path;

use super::LoadError;
use crate::vector::{V3, v3};

/// The base mesh, whole.
#[derive(Debug)]
pub(super) struct Obj {
    pub(super) vertices: Vec<V3>,
    /// Quads with the name of their group, in the file's order.
    pub(super) quads: Vec<(String, [u32; 4])>,
}

/// Reads `path`.
pub(super) fn read(path: &Path) -> Result<Obj, LoadError> {
    let text = std::fs::read_to_string(path).map_err(|source| LoadError::Read { path: path.into(), source })?;
    parse(&text).map_err(|fault| LoadError::Malformed { path: path.into(), fault })
}

fn parse(text: &str) -> Result<Obj, String> {
    let mut obj = Obj { vertices: Vec::new(), quads: Vec::new() };
    let mut group = String::new();
    for (number, line) in text.lines().enumerate() {
        let fault = |what: &str| format!("line {}: {what}: {line}", number + 1);
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some("v") => {
                let mut next = || words.next().and_then(|w| w.parse::<f32>().ok());
                let (Some(x), Some(y), Some(z)) = (next(), next(), next()) else { return Err(fault("not a vertex")) };
                obj.vertices.push(v3(x, y, z));
            }
            Some("g") => group = words.next().unwrap_or_default().to_owned(),
            Some("f") => {
                let corners: Option<Vec<u32>> =
                    words.map(|w| w.split('/').next()?.parse::<u32>().ok()?.checked_sub(1)).collect();
                let corners = corners.ok_or_else(|| fault("not a face"))?;
                let quad = <[u32; 4]>::try_from(corners).map_err(|_| fault("not a quad"))?;
                if quad.iter().any(|&v| v as usize >= obj.vertices.len()) {
                    return Err(fault("no such vertex"));
                }
                obj.quads.push((group.clone(), quad));
            }
            _ => {}
        }
    }
    Ok(obj)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: &str = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\ng body\nf 1/1 2/2 3/3 4/4\n";

    #[test]
    fn reads_a_quad_in_its_group() {
        let obj = parse(SQUARE).unwrap();
        assert_eq!(obj.vertices[2], v3(1.0, 1.0, 0.0));
        assert_eq!(obj.quads, [("body".to_owned(), [0, 1, 2, 3])]);
    }

    #[test]
    fn names_the_line_of_a_fault() {
        let fault = parse("v 0 0 0\nf 1 2 3 4\n").unwrap_err();
        assert!(fault.starts_with("line 2: no such vertex"), "{fault}");
        assert!(parse("v 0 zero 0\n").unwrap_err().contains("not a vertex"));
    }
}
