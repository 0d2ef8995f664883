//! The graph of a folded network, in f32 or with QuantizeLinear/DequantizeLinear pairs around everything that is int8.
//!
//! Where the pairs stand, so that an engine can make one integer operator of each convolution:
//!
//! ```text
//! input -> Q DQ (scale 1) -> conv1 -> Relu -> Q DQ -> MaxPool -> Q DQ (same scale) -> block ...
//!
//! block:  x -> conv1 -> Relu -> Q DQ -> conv2 -> Relu -> Q DQ -> conv3 -> Add -> Relu -> Q DQ
//!          \-> [downsample -> Q DQ] ---------------------------------------/
//!
//! last block -> GlobalAveragePool -> Q DQ -> Flatten -> Gemm -> logits
//! ```
//!
//! Between conv3 and Add there is no pair on purpose: a fused operator adds the residual to its 32-bit sums, and rounding
//! them before would only lose accuracy. Weights are int8 per output channel, biases int32 at `s_x * s_w`; every zero
//! point is 0. What comes out of a ReLU fills 0..127 of int8, or 0..255 of uint8 where the quantization says so.

use lakshan_engine::onnx as pb;

use super::fold::{FoldedConv, FoldedNetwork};
use super::graph::{Attribute, Graph};
use crate::quantize::{INPUT_POINT, POOL_POINT, Quantization};

/// Name of the graph's input.
const INPUT: &str = "input";
/// Name of the graph's output.
const OUTPUT: &str = "logits";

/// The network in f32, for input of shape 1 x 3 x `side` x `side`.
pub fn float_model(network: &FoldedNetwork, side: usize) -> pb::ModelProto {
    Writer { graph: Graph::default(), quantization: None }.write(network, side)
}

/// The network in int8, for input of shape 1 x 3 x `side` x `side`.
///
/// # Panics
/// When `quantization` was made of another network.
pub fn quantized_model(network: &FoldedNetwork, quantization: &Quantization, side: usize) -> pb::ModelProto {
    Writer { graph: Graph::default(), quantization: Some(quantization) }.write(network, side)
}

struct Writer<'a> {
    graph: Graph,
    quantization: Option<&'a Quantization>,
}

impl Writer<'_> {
    fn write(mut self, network: &FoldedNetwork, side: usize) -> pb::ModelProto {
        let mut x = self.rounded(INPUT.to_owned(), INPUT_POINT);
        x = self.conv(&network.stem, &x);
        x = self.relu(&network.stem.name, &x);
        x = self.rounded(x, &network.stem.name);
        let window = [
            Attribute::Ints("kernel_shape", &[3, 3]),
            Attribute::Ints("strides", &[2, 2]),
            Attribute::Ints("pads", &[1; 4]),
        ];
        x = self.graph.node("MaxPool", "maxpool", &[&x], &window);
        x = self.rounded_as(x, "maxpool", &network.stem.name);
        for block in &network.blocks {
            let skip = match &block.downsample {
                Some(downsample) => {
                    let skip = self.conv(downsample, &x);
                    self.rounded(skip, &downsample.name)
                }
                None => x.clone(),
            };
            for conv in [&block.conv1, &block.conv2] {
                x = self.conv(conv, &x);
                x = self.relu(&conv.name, &x);
                x = self.rounded(x, &conv.name);
            }
            x = self.conv(&block.conv3, &x);
            x = self.graph.node("Add", &format!("{}.add", block.name), &[&x, &skip], &[]);
            x = self.relu(&block.name, &x);
            x = self.rounded(x, &block.name);
        }
        x = self.graph.node("GlobalAveragePool", "avgpool", &[&x], &[]);
        x = self.rounded(x, POOL_POINT);
        x = self.graph.node("Flatten", "flatten", &[&x], &[Attribute::Int("axis", 1)]);
        let dense = &network.dense;
        let (weight, bias) = self.parameters(&dense.name, &[dense.outputs, dense.inputs], &dense.weight, &dense.bias);
        self.graph.node_to("Gemm", &dense.name, &[&x, &weight, &bias], OUTPUT, &[Attribute::Int("transB", 1)]);
        let (name, doc) = match self.quantization {
            None => ("resnet", "BatchNorm folded; input is RGB pixels - 128, NCHW; f32"),
            Some(_) => {
                ("resnet-int8", "BatchNorm folded; input is RGB pixels - 128, NCHW; int8 and uint8, zero point 0")
            }
        };
        self.graph.model(name, (INPUT, &[1, 3, side, side]), (OUTPUT, &[1, dense.outputs]), doc)
    }

    fn relu(&mut self, name: &str, x: &str) -> String {
        self.graph.node("Relu", &format!("{name}.relu"), &[x], &[])
    }

    fn conv(&mut self, conv: &FoldedConv, x: &str) -> String {
        let FoldedConv { kernel, stride, .. } = *conv;
        let dims = [conv.outputs, conv.inputs, kernel, kernel];
        let (weight, bias) = self.parameters(&conv.name, &dims, &conv.weight, &conv.bias);
        let attributes = [
            Attribute::Ints("kernel_shape", &[kernel; 2]),
            Attribute::Ints("strides", &[stride; 2]),
            Attribute::Ints("pads", &[conv.padding(); 4]),
        ];
        self.graph.node("Conv", &conv.name, &[x, &weight, &bias], &attributes)
    }

    /// Weight and bias of a layer: plain, or integers behind a DequantizeLinear each.
    fn parameters(&mut self, layer: &str, dims: &[usize], weight: &[f32], bias: &[f32]) -> (String, String) {
        let (weight_name, bias_name) = (format!("{layer}.weight"), format!("{layer}.bias"));
        let Some(quantization) = self.quantization else {
            return (self.graph.f32s(weight_name, dims, weight), self.graph.f32s(bias_name, &dims[..1], bias));
        };
        let quantized = quantization.layer(layer);
        let outputs = &dims[..1];
        let per_channel = [Attribute::Int("axis", 0)];
        let values = self.graph.i8s(format!("{weight_name}.int8"), dims, &quantized.weight);
        let scale = self.graph.f32s(format!("{weight_name}.scale"), outputs, &quantized.weight_scale);
        let zero = self.graph.i8s(format!("{weight_name}.zero_point"), outputs, &vec![0; dims[0]]);
        let name = format!("{weight_name}.dequantize");
        self.graph.node_to("DequantizeLinear", &name, &[&values, &scale, &zero], &weight_name, &per_channel);
        let values = self.graph.i32s(format!("{bias_name}.int32"), outputs, &quantized.bias);
        let scale = self.graph.f32s(format!("{bias_name}.scale"), outputs, &quantized.bias_scale());
        let zero = self.graph.i32s(format!("{bias_name}.zero_point"), outputs, &vec![0; dims[0]]);
        let name = format!("{bias_name}.dequantize");
        self.graph.node_to("DequantizeLinear", &name, &[&values, &scale, &zero], &bias_name, &per_channel);
        (weight_name, bias_name)
    }

    /// Puts a Q/DQ pair behind `x` at the scale of `point`; nothing in the f32 graph.
    fn rounded(&mut self, x: String, point: &str) -> String {
        self.rounded_as(x, point, point)
    }

    fn rounded_as(&mut self, x: String, name: &str, point: &str) -> String {
        let Some(quantization) = self.quantization else { return x };
        let step = quantization.step(point);
        let scale = self.graph.f32s(format!("{name}.scale"), &[], &[step.scale]);
        let zero = self.graph.zero_point(format!("{name}.zero_point"), step.unsigned);
        let integers = self.graph.node("QuantizeLinear", &format!("{name}.quantize"), &[&x, &scale, &zero], &[]);
        self.graph.node("DequantizeLinear", &format!("{name}.dequantize"), &[&integers, &scale, &zero], &[])
    }
}
