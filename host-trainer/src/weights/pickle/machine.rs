//! The few steps of Python's pickle machine that a dictionary of tensors needs.

use std::collections::HashMap;

use super::Fault;
use crate::weights::file::{bf16, f16};

/// A Python value, as far as it matters.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    None,
    Flag(bool),
    Number(i64),
    Text(String),
    Tuple(Vec<Value>),
    List(Vec<Value>),
    Dictionary(Vec<(Value, Value)>),
    /// A class or function, `module.name`.
    Name(String),
    Storage(StorageRef),
    Tensor(TensorRef),
    /// The mark on the stack.
    Mark,
}

/// The data behind tensors.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StorageRef {
    pub(super) key: String,
    /// `None` for whole numbers, which no weight is.
    pub(super) element: Option<Element>,
}

/// A view of a storage.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TensorRef {
    pub(super) storage: StorageRef,
    /// In elements, as are the strides.
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    pub(super) stride: Vec<usize>,
}

/// A floating-point type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    F64,
    F32,
    F16,
    Bf16,
}

impl Element {
    fn of(storage: &str) -> Option<Self> {
        match storage {
            "torch.DoubleStorage" => Some(Self::F64),
            "torch.FloatStorage" => Some(Self::F32),
            "torch.HalfStorage" => Some(Self::F16),
            "torch.BFloat16Storage" => Some(Self::Bf16),
            _ => None,
        }
    }

    /// Bytes.
    pub(super) fn size(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }

    /// The value of [`Element::size`] little-endian bytes.
    pub(super) fn read(self, bytes: &[u8]) -> f32 {
        let word = |bytes: &[u8]| u16::from_le_bytes([bytes[0], bytes[1]]);
        match self {
            Self::F64 => f64::from_le_bytes(bytes.try_into().expect("eight bytes")) as f32,
            Self::F32 => f32::from_le_bytes(bytes.try_into().expect("four bytes")),
            Self::F16 => f16(word(bytes)),
            Self::Bf16 => bf16(word(bytes)),
        }
    }
}

/// Runs one pickle.
pub(super) struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    memo: HashMap<u32, Value>,
}

impl<'a> Machine<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, stack: Vec::new(), memo: HashMap::new() }
    }

    /// Bytes used.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The pickle's value.
    pub(super) fn run(&mut self) -> Result<Value, Fault> {
        loop {
            match self.byte()? {
                b'.' => return self.pop(),
                0x80 => drop(self.byte()?),
                0x95 => drop(self.take(8)?),
                b'(' => self.stack.push(Value::Mark),
                b'N' => self.stack.push(Value::None),
                0x88 => self.stack.push(Value::Flag(true)),
                0x89 => self.stack.push(Value::Flag(false)),
                b'K' => self.number(1)?,
                b'M' => self.number(2)?,
                b'J' => {
                    let bytes = self.take(4)?.try_into().map_err(|_| Fault::Damaged)?;
                    self.stack.push(Value::Number(i32::from_le_bytes(bytes).into()));
                }
                0x8a => self.long()?,
                b'G' => {
                    self.take(8)?;
                    self.stack.push(Value::None);
                }
                b'X' | b'T' => self.text(4)?,
                0x8c | b'U' => self.text(1)?,
                b'c' => {
                    let name = format!("{}.{}", self.line()?, self.line()?);
                    self.stack.push(Value::Name(name));
                }
                0x93 => self.stack_global()?,
                b'q' => self.put(1)?,
                b'r' => self.put(4)?,
                0x94 => {
                    let (key, value) = (self.memo.len() as u32, self.top()?.clone());
                    self.memo.insert(key, value);
                }
                b'h' => self.get(1)?,
                b'j' => self.get(4)?,
                b')' => self.stack.push(Value::Tuple(Vec::new())),
                b']' => self.stack.push(Value::List(Vec::new())),
                b'}' => self.stack.push(Value::Dictionary(Vec::new())),
                b't' => {
                    let items = self.since_mark()?;
                    self.stack.push(Value::Tuple(items));
                }
                step @ 0x85..=0x87 => {
                    let from = self.stack.len().checked_sub(usize::from(step - 0x84)).ok_or(Fault::Damaged)?;
                    let items = self.stack.split_off(from);
                    self.stack.push(Value::Tuple(items));
                }
                b'a' => {
                    let item = self.pop()?;
                    self.append(vec![item])?;
                }
                b'e' => {
                    let items = self.since_mark()?;
                    self.append(items)?;
                }
                b's' => {
                    let (value, key) = (self.pop()?, self.pop()?);
                    self.set(vec![key, value])?;
                }
                b'u' => {
                    let items = self.since_mark()?;
                    self.set(items)?;
                }
                // Attributes of an object, e.g. the version numbers of a state dictionary: not needed.
                b'b' => drop(self.pop()?),
                b'Q' => self.persistent()?,
                b'R' => self.reduce()?,
                step => return Err(Fault::Unknown(format!("pickle step {step:#04x}"))),
            }
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let end = self.at.checked_add(count).ok_or(Fault::Damaged)?;
        let taken = self.bytes.get(self.at..end).ok_or(Fault::Damaged)?;
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        Ok(self.take(1)?[0])
    }

    /// An unsigned number of 1, 2 or 4 bytes.
    fn unsigned(&mut self, bytes: usize) -> Result<u32, Fault> {
        Ok(self.take(bytes)?.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    fn number(&mut self, bytes: usize) -> Result<(), Fault> {
        let number = self.unsigned(bytes)?;
        self.stack.push(Value::Number(number.into()));
        Ok(())
    }

    /// A signed number of any length; the magic number of old files has ten bytes and is not looked at.
    fn long(&mut self) -> Result<(), Fault> {
        let length = usize::from(self.byte()?);
        let bytes = self.take(length)?;
        let sign = if bytes.last().is_some_and(|last| last & 0x80 != 0) { -1 } else { 0 };
        let number = bytes.iter().rev().fold(sign, |number: i64, byte| number << 8 | i64::from(*byte));
        self.stack.push(Value::Number(number));
        Ok(())
    }

    fn text(&mut self, bytes: usize) -> Result<(), Fault> {
        let length = self.unsigned(bytes)? as usize;
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| Fault::Damaged)?;
        self.stack.push(Value::Text(text.to_owned()));
        Ok(())
    }

    fn line(&mut self) -> Result<String, Fault> {
        let length = self.bytes[self.at..].iter().position(|byte| *byte == b'\n').ok_or(Fault::Damaged)?;
        let line = std::str::from_utf8(self.take(length + 1)?).map_err(|_| Fault::Damaged)?;
        Ok(line.trim_end().to_owned())
    }

    fn pop(&mut self) -> Result<Value, Fault> {
        self.stack.pop().ok_or(Fault::Damaged)
    }

    fn top(&mut self) -> Result<&mut Value, Fault> {
        self.stack.last_mut().ok_or(Fault::Damaged)
    }

    fn since_mark(&mut self) -> Result<Vec<Value>, Fault> {
        let mark = self.stack.iter().rposition(|value| *value == Value::Mark).ok_or(Fault::Damaged)?;
        let items = self.stack.split_off(mark + 1);
        self.stack.pop();
        Ok(items)
    }

    fn put(&mut self, bytes: usize) -> Result<(), Fault> {
        let key = self.unsigned(bytes)?;
        let value = self.top()?.clone();
        self.memo.insert(key, value);
        Ok(())
    }

    fn get(&mut self, bytes: usize) -> Result<(), Fault> {
        let key = self.unsigned(bytes)?;
        let value = self.memo.get(&key).ok_or(Fault::Damaged)?.clone();
        self.stack.push(value);
        Ok(())
    }

    fn append(&mut self, items: Vec<Value>) -> Result<(), Fault> {
        let Value::List(list) = self.top()? else { return Err(Fault::Damaged) };
        list.extend(items);
        Ok(())
    }

    /// `items` are keys and values in turn.
    fn set(&mut self, items: Vec<Value>) -> Result<(), Fault> {
        let Value::Dictionary(dictionary) = self.top()? else { return Err(Fault::Damaged) };
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            dictionary.push((key, value));
        }
        Ok(())
    }

    fn stack_global(&mut self) -> Result<(), Fault> {
        let (Value::Text(name), Value::Text(module)) = (self.pop()?, self.pop()?) else { return Err(Fault::Damaged) };
        self.stack.push(Value::Name(format!("{module}.{name}")));
        Ok(())
    }

    /// `('storage', type, key, device, length, ...)`.
    fn persistent(&mut self) -> Result<(), Fault> {
        let Value::Tuple(id) = self.pop()? else { return Err(Fault::Damaged) };
        let [Value::Text(kind), Value::Name(storage), Value::Text(key), ..] = id.as_slice() else {
            return Err(Fault::Damaged);
        };
        if kind != "storage" {
            return Err(Fault::Unknown(format!("a persistent {kind}")));
        }
        self.stack.push(Value::Storage(StorageRef { key: key.clone(), element: Element::of(storage) }));
        Ok(())
    }

    /// Calls one of four known functions.
    fn reduce(&mut self) -> Result<(), Fault> {
        let (Value::Tuple(arguments), Value::Name(function)) = (self.pop()?, self.pop()?) else {
            return Err(Fault::Damaged);
        };
        let value = match (function.as_str(), arguments.as_slice()) {
            ("collections.OrderedDict", []) => Value::Dictionary(Vec::new()),
            (
                "torch._utils._rebuild_tensor_v2" | "torch._utils._rebuild_tensor",
                [Value::Storage(storage), Value::Number(offset), Value::Tuple(shape), Value::Tuple(stride), ..],
            ) => Value::Tensor(TensorRef {
                storage: storage.clone(),
                offset: usize::try_from(*offset).map_err(|_| Fault::Damaged)?,
                shape: sizes(shape)?,
                stride: sizes(stride)?,
            }),
            ("torch._utils._rebuild_parameter", [tensor @ Value::Tensor(_), ..]) => tensor.clone(),
            _ => return Err(Fault::Unknown(format!("a call of {function}"))),
        };
        self.stack.push(value);
        Ok(())
    }
}

fn sizes(values: &[Value]) -> Result<Vec<usize>, Fault> {
    let size = |value: &Value| match value {
        Value::Number(number) => usize::try_from(*number).map_err(|_| Fault::Damaged),
        _ => Err(Fault::Damaged),
    };
    values.iter().map(size).collect()
}
