//! Alters an ONNX network where it hurts: sizes, numbers, attributes, wires, operators.

use lakshan_engine::onnx::tensor_proto::DataType;
use lakshan_engine::onnx::tensor_shape_proto::dimension::Value;
use lakshan_engine::onnx::{AttributeProto, GraphProto, ModelProto, TensorProto, ValueInfoProto, type_proto};

/// Splitmix64: the same numbers for the same seed, on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`, which is not 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((word ^ (word >> 31)) % limit as u64) as usize
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Sizes, strides, paddings and axes that code may not have thought of.
const INTEGERS: [i64; 28] = [
    0,
    1,
    2,
    3,
    4,
    5,
    7,
    8,
    15,
    16,
    17,
    31,
    63,
    64,
    255,
    256,
    1000,
    65_535,
    65_536,
    1 << 24,
    i32::MAX as i64,
    1 << 32,
    1 << 40,
    i64::MAX,
    -1,
    -2,
    -3,
    i64::MIN,
];

/// Scales and other floats of that kind.
const FLOATS: [f32; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    1e-45,
    f32::MIN_POSITIVE,
    1e-30,
    1e-10,
    1e6,
    1e10,
    1e30,
    f32::MAX,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
];

/// Operators that tract knows, above all those that make large things of small ones.
const OPERATORS: [&str; 40] = [
    "Conv",
    "Add",
    "Relu",
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Flatten",
    "Gemm",
    "QuantizeLinear",
    "DequantizeLinear",
    "Identity",
    "MatMul",
    "Mul",
    "Div",
    "Reshape",
    "Transpose",
    "Concat",
    "Pad",
    "Expand",
    "Tile",
    "Range",
    "ConstantOfShape",
    "Constant",
    "Resize",
    "Upsample",
    "Gather",
    "Slice",
    "Squeeze",
    "Unsqueeze",
    "Softmax",
    "ConvTranspose",
    "ConvInteger",
    "QLinearConv",
    "MatMulInteger",
    "DepthToSpace",
    "Split",
    "Shape",
    "lakshan.Integers",
    "lakshan.RoundTrip",
];

/// Attributes of those operators.
const ATTRIBUTES: [&str; 18] = [
    "pads",
    "strides",
    "dilations",
    "kernel_shape",
    "group",
    "auto_pad",
    "ceil_mode",
    "axis",
    "transA",
    "transB",
    "alpha",
    "beta",
    "block_size",
    "perm",
    "scale",
    "zero_point",
    "lowest",
    "highest",
];

/// Alters one thing.
pub(crate) fn mutate(model: &mut ModelProto, random: &mut Random) {
    if random.below(40) == 0
        && let Some(set) = model.opset_import.first_mut()
    {
        set.version = random.pick(&INTEGERS).min(30);
        return;
    }
    let Some(graph) = model.graph.as_mut() else { return };
    match random.below(12) {
        0 | 1 => with(&mut graph.initializer, random, size),
        2 | 3 => with(&mut graph.initializer, random, numbers),
        4 | 5 => attribute(graph, random),
        6 | 7 => wire(graph, random),
        8 => with(&mut graph.node, random, |node, random| node.op_type = random.pick(&OPERATORS).to_owned()),
        9 => order(graph, random),
        10 => with(&mut graph.input, random, port),
        _ => with(&mut graph.output, random, port),
    }
}

fn with<T>(items: &mut [T], random: &mut Random, change: impl FnOnce(&mut T, &mut Random)) {
    if !items.is_empty() {
        let at = random.below(items.len());
        change(&mut items[at], random);
    }
}

/// Another size for one axis; often with data to match, so that what reads them must see it.
fn size(tensor: &mut TensorProto, random: &mut Random) {
    let old = bytes(tensor);
    match random.below(6) {
        0 => tensor.dims.push(random.pick(&INTEGERS)),
        1 => _ = tensor.dims.pop(),
        2 => tensor.dims.reverse(),
        3 => with(&mut tensor.dims, random, |size, random| *size = size.wrapping_add(random.pick(&[1, -1]))),
        _ => with(&mut tensor.dims, random, |size, random| *size = random.pick(&INTEGERS)),
    }
    if random.below(4) != 0
        && let (Some(old), Some(new)) = (old, bytes(tensor))
        && old == tensor.raw_data.len()
        && new <= 1 << 16
    {
        let fill = tensor.raw_data.first().copied().unwrap_or(1);
        tensor.raw_data.resize(new, fill);
    }
}

/// How many bytes the shape asks for.
fn bytes(tensor: &TensorProto) -> Option<usize> {
    let width = match DataType::try_from(tensor.data_type).ok()? {
        DataType::Int8 | DataType::Uint8 | DataType::Bool => 1,
        DataType::Float | DataType::Int32 => 4,
        DataType::Int64 | DataType::Double => 8,
        _ => return None,
    };
    tensor
        .dims
        .iter()
        .try_fold(width, |bytes: usize, size| bytes.checked_mul(usize::try_from(*size).ok()?))
        .filter(|bytes| *bytes < 1 << 40)
}

fn numbers(tensor: &mut TensorProto, random: &mut Random) {
    match random.below(6) {
        0 => {
            tensor.data_type = random.pick(&[
                DataType::Float as i32,
                DataType::Int8 as i32,
                DataType::Uint8 as i32,
                DataType::Int32 as i32,
                DataType::Int64 as i32,
                DataType::Double as i32,
                DataType::Bool as i32,
                DataType::String as i32,
                DataType::Float16 as i32,
                99,
            ]);
        }
        1 => {
            let fill = random.pick(&[0_u8, 1, 0x7F, 0x80, 0x81, 0xFF]);
            tensor.raw_data.fill(fill);
        }
        2 => {
            let length = random.below(tensor.raw_data.len() + 4);
            tensor.raw_data.resize(length, 0x7F);
        }
        3 => with(&mut tensor.raw_data, random, |byte, random| *byte = random.below(256) as u8),
        4 => {
            let (words, _) = tensor.raw_data.as_chunks_mut::<4>();
            with(words, random, |word, random| *word = random.pick(&FLOATS).to_le_bytes());
        }
        _ => {
            // The same numbers where another field holds them.
            let (words, _) = tensor.raw_data.as_chunks::<4>();
            tensor.float_data = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
            tensor.int32_data = words.iter().map(|word| i32::from_le_bytes(*word)).collect();
            tensor.raw_data.clear();
        }
    }
}

fn attribute(graph: &mut GraphProto, random: &mut Random) {
    with(&mut graph.node, random, |node, random| {
        if node.attribute.is_empty() || random.below(6) == 0 {
            let count = random.below(6);
            node.attribute.push(AttributeProto {
                name: random.pick(&ATTRIBUTES).to_owned(),
                r#type: 1 + random.below(8) as i32,
                i: random.pick(&INTEGERS),
                f: random.pick(&FLOATS),
                s: random.pick(&["SAME_UPPER", "VALID", "NOTSET", ""]).as_bytes().to_vec(),
                ints: (0..count).map(|_| random.pick(&INTEGERS)).collect(),
                ..Default::default()
            });
            return;
        }
        with(&mut node.attribute, random, |attribute, random| match random.below(6) {
            0 => attribute.i = random.pick(&INTEGERS),
            1 => attribute.f = random.pick(&FLOATS),
            2 => attribute.ints.push(random.pick(&INTEGERS)),
            3 => _ = attribute.ints.pop(),
            _ if attribute.ints.is_empty() => attribute.i = random.pick(&INTEGERS),
            // One value, or all of them: an even padding or stride is what the integer part asks for.
            4 => {
                let value = random.pick(&INTEGERS);
                attribute.ints.fill(value);
            }
            _ => with(&mut attribute.ints, random, |value, random| *value = random.pick(&INTEGERS)),
        });
    });
}

/// Another value for an input: any that the graph knows, also one that is made later, or none.
fn wire(graph: &mut GraphProto, random: &mut Random) {
    let names: Vec<String> = graph
        .node
        .iter()
        .flat_map(|node| &node.output)
        .chain(graph.initializer.iter().map(|tensor| &tensor.name))
        .chain(graph.input.iter().map(|port| &port.name))
        .cloned()
        .collect();
    if names.is_empty() {
        return;
    }
    let name = names[random.below(names.len())].clone();
    with(&mut graph.node, random, |node, random| match random.below(12) {
        0 => node.input.push(name),
        1 => _ = node.input.pop(),
        2 => node.output.push(name),
        3 => with(&mut node.output, random, |output, _| *output = name),
        4 => with(&mut node.input, random, |input, _| input.clear()),
        _ => with(&mut node.input, random, |input, _| *input = name),
    });
    if random.below(12) == 0 {
        let name = names[random.below(names.len())].clone();
        with(&mut graph.output, random, |output, _| output.name = name);
    }
}

fn order(graph: &mut GraphProto, random: &mut Random) {
    if graph.node.is_empty() {
        return;
    }
    let (a, b) = (random.below(graph.node.len()), random.below(graph.node.len()));
    match random.below(4) {
        0 => _ = graph.node.remove(a),
        1 => graph.node.swap(a, b),
        2 => graph.node.insert(b, graph.node[a].clone()),
        _ => {
            // A second output of the network, from somewhere in between.
            if let (Some(name), Some(port)) = (graph.node[a].output.first(), graph.output.first()) {
                let port = ValueInfoProto { name: name.clone(), ..port.clone() };
                graph.output.push(port);
            }
        }
    }
}

fn port(port: &mut ValueInfoProto, random: &mut Random) {
    let Some(type_proto::Value::TensorType(tensor)) = port.r#type.as_mut().and_then(|kind| kind.value.as_mut()) else {
        return;
    };
    match random.below(6) {
        0 => tensor.elem_type = random.pick(&[0, 1, 2, 3, 6, 7, 10, 11]),
        1 => tensor.shape = None,
        _ => {
            let Some(shape) = tensor.shape.as_mut() else { return };
            with(&mut shape.dim, random, |dim, random| {
                dim.value = match random.below(5) {
                    0 => None,
                    1 => Some(Value::DimParam("batch".to_owned())),
                    _ => Some(Value::DimValue(random.pick(&INTEGERS))),
                }
            });
        }
    }
}
