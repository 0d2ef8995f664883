//! PyTorch's weight files, `.pth` and `.pt`, as `torch.save(model.state_dict())` writes them: in a zip archive since
//! PyTorch 1.6, one after another before. libtorch's own reader takes neither.
//!
//! Python's pickles are programs; `machine` runs only the few steps that make a dictionary of tensors and refuses
//! everything else, so a file cannot make this program do anything.

mod machine;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use machine::{Element, Machine, TensorRef, Value};

use super::Array;

/// A weight file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PickleError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("{} is no file of tensors by name, as torch.save(model.state_dict()) writes it", path.display())]
    NotTensors {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Fault,
    },
}

/// What is wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It ends too early, or is damaged.
    #[error("the file is cut short or damaged")]
    Damaged,
    /// A step of the pickle that no dictionary of tensors needs.
    #[error("it holds more than tensors: {0}")]
    Unknown(String),
    /// A tensor that reaches over the end of its data.
    #[error("tensor {0} reaches over the end of its data")]
    Outside(String),
    /// The archive.
    #[error("the archive is damaged")]
    Archive(#[from] zip::result::ZipError),
    /// Reading.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Reads all floating-point tensors. A dictionary inside (`state_dict`, `model`) is found, a prefix `module.` removed.
///
/// # Errors
/// When the file is not a dictionary of tensors.
pub fn read(path: &Path) -> Result<BTreeMap<String, Array>, PickleError> {
    let file = File::open(path).map_err(|source| PickleError::Read { path: path.to_owned(), source })?;
    read_file(BufReader::new(file)).map_err(|source| PickleError::NotTensors { path: path.to_owned(), source })
}

fn read_file(mut file: BufReader<File>) -> Result<BTreeMap<String, Array>, Fault> {
    let mut start = [0; 4];
    file.read_exact(&mut start).map_err(|_| Fault::Damaged)?;
    file.seek(SeekFrom::Start(0))?;
    let (root, storages) = if start.starts_with(b"PK") { from_archive(file)? } else { from_sequence(file)? };
    let mut arrays = BTreeMap::new();
    for (name, tensor) in tensors(root) {
        let Some(element) = tensor.storage.element else { continue };
        let data = storages.get(&tensor.storage.key).ok_or(Fault::Damaged)?;
        let array = gather(&tensor, element, data).ok_or_else(|| Fault::Outside(name.clone()))?;
        arrays.insert(name.strip_prefix("module.").unwrap_or(&name).to_owned(), array);
    }
    if arrays.is_empty() { Err(Fault::Unknown("no floating-point tensor by name".into())) } else { Ok(arrays) }
}

/// Bytes of each storage, by key.
type Storages = HashMap<String, Vec<u8>>;

/// `NAME/data.pkl` and `NAME/data/KEY`.
fn from_archive(file: BufReader<File>) -> Result<(Value, Storages), Fault> {
    let mut archive = zip::ZipArchive::new(file)?;
    let names: Vec<String> =
        archive.file_names().map(|name| Ok(name?.into_owned())).collect::<Result<_, zip::result::ZipError>>()?;
    let pickle = names.iter().find(|name| name.ends_with("/data.pkl")).ok_or(Fault::Damaged)?;
    let folder = pickle.trim_end_matches("data.pkl");
    let mut contents = |name: &str| -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        archive.by_name(name)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let root = Machine::new(&contents(pickle)?).run()?;
    let mut storages = HashMap::new();
    for name in &names {
        if let Some(key) = name.strip_prefix(folder).and_then(|name| name.strip_prefix("data/")) {
            storages.insert(key.to_owned(), contents(name)?);
        }
    }
    Ok((root, storages))
}

/// Three pickles of numbers, the pickle of tensors, the pickle of keys, then each storage: its length and its bytes.
fn from_sequence(mut file: BufReader<File>) -> Result<(Value, Storages), Fault> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let mut at = 0;
    let mut next = || -> Result<Value, Fault> {
        let mut machine = Machine::new(bytes.get(at..).ok_or(Fault::Damaged)?);
        let value = machine.run()?;
        at += machine.position();
        Ok(value)
    };
    for _ in 0..3 {
        next()?;
    }
    let root = next()?;
    let Value::List(keys) = next()? else { return Err(Fault::Damaged) };
    let sizes: HashMap<String, usize> = tensors(root.clone())
        .into_iter()
        .map(|(_, tensor)| (tensor.storage.key, tensor.storage.element.map_or(8, Element::size)))
        .collect();
    let mut storages = HashMap::new();
    for key in keys {
        let Value::Text(key) = key else { return Err(Fault::Damaged) };
        let length = bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).ok_or(Fault::Damaged)?;
        let length = usize::try_from(u64::from_le_bytes(length)).map_err(|_| Fault::Damaged)?;
        let size = sizes.get(&key).copied().unwrap_or(8).checked_mul(length).ok_or(Fault::Damaged)?;
        let end = (at + 8).checked_add(size).ok_or(Fault::Damaged)?;
        storages.insert(key, bytes.get(at + 8..end).ok_or(Fault::Damaged)?.to_vec());
        at = end;
    }
    Ok((root, storages))
}

/// The tensors of a dictionary, or of the dictionary of weights inside it.
fn tensors(root: Value) -> Vec<(String, TensorRef)> {
    let Value::Dictionary(entries) = root else { return Vec::new() };
    let mut found = Vec::new();
    for (key, value) in entries {
        match (key, value) {
            (Value::Text(name), Value::Tensor(tensor)) => found.push((name, tensor)),
            (Value::Text(name), inner @ Value::Dictionary(_)) if name == "state_dict" || name == "model" => {
                return tensors(inner);
            }
            _ => {}
        }
    }
    found
}

/// The values in row-major order; `None` when they reach over the end.
fn gather(tensor: &TensorRef, element: Element, data: &[u8]) -> Option<Array> {
    let count = tensor.shape.iter().try_fold(1_usize, |product, side| product.checked_mul(*side))?;
    if count > data.len() / element.size() {
        return None;
    }
    let mut values = Vec::with_capacity(count);
    let mut place = vec![0_usize; tensor.shape.len()];
    for _ in 0..count {
        let steps = place
            .iter()
            .zip(&tensor.stride)
            .try_fold(tensor.offset, |at, (index, stride)| at.checked_add(index.checked_mul(*stride)?))?;
        let at = steps.checked_mul(element.size())?;
        values.push(element.read(data.get(at..at.checked_add(element.size())?)?));
        for (index, side) in place.iter_mut().zip(&tensor.shape).rev() {
            *index += 1;
            if *index < *side {
                break;
            }
            *index = 0;
        }
    }
    Some(Array { shape: tensor.shape.clone(), values })
}

#[cfg(test)]
mod tests;
