use lakshan_engine::onnx::{Message, ModelProto, NodeProto};
use lakshan_engine::{Array, EngineError, Graph, Options};

const DETECTOR: &[u8] = include_bytes!("../../../../models/face-detector/blazeface_short_range_128.onnx");
const SHAPE: [usize; 4] = [1, 128, 128, 3];

fn load(bytes: &[u8], fused: bool) -> Graph {
    Graph::from_onnx_with(bytes, Options { integers: fused, ..Options::default() }).unwrap()
}

/// A pattern with edges in it, from -1 to 1.
fn input(step: usize) -> Vec<f32> {
    (0..128 * 128 * 3).map(|at| (at / 7 * step % 256) as f32 / 127.5 - 1.0).collect()
}

fn run(graph: &Graph, step: usize) -> Vec<Array> {
    graph.run(&[(&SHAPE, &input(step))]).unwrap()
}

fn altered(change: impl FnOnce(&mut Vec<NodeProto>)) -> Vec<u8> {
    let mut model = ModelProto::decode(DETECTOR).unwrap();
    change(&mut model.graph.as_mut().unwrap().node);
    model.encode_to_vec()
}

fn obstacle(graph: &Graph, operator: &str) -> Option<String> {
    graph.explain().iter().find(|node| node.operator == operator).unwrap().obstacle.clone()
}

#[test]
fn the_detector_is_computed_by_the_float_kernels_as_tract_computes_it() {
    let (fused, tract) = (load(DETECTOR, true), load(DETECTOR, false));
    let left: Vec<_> = fused.explain().iter().filter(|node| node.obstacle.is_some()).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(fused.kernel().is_some() && tract.kernel().is_none());
    assert_eq!((fused.inputs(), fused.outputs()), (tract.inputs(), tract.outputs()));
    for step in 1..6 {
        for (found, expected) in run(&fused, step).iter().zip(&run(&tract, step)) {
            assert_eq!(found.shape, expected.shape);
            let largest = expected.values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
            for (found, expected) in found.values.iter().zip(&expected.values) {
                // The order of the sums differs.
                assert!((found - expected).abs() <= 1e-5 * largest, "{found} is not {expected}");
            }
        }
    }
}

/// FNV-1a over the outputs' bits. The order of all operations is fixed, so these are the same on every processor.
#[test]
fn every_processor_gives_the_same_bits() {
    let graph = load(DETECTOR, true);
    let hash = |step| {
        let bits = run(&graph, step).into_iter().flat_map(|output| output.values).map(f32::to_bits);
        bits.fold(0xCBF2_9CE4_8422_2325_u64, |hash, bits| (hash ^ u64::from(bits)).wrapping_mul(0x0100_0000_01B3))
    };
    assert_eq!([1, 3].map(hash), [0x2AD0_B867_125D_C0C1, 0x717B_AFCE_0F32_775A]);
}

#[test]
fn one_detector_serves_many_threads() {
    let graph = load(DETECTOR, true);
    let expected = run(&graph, 2);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..5).for_each(|_| assert_eq!(run(&graph, 2), expected)));
        }
    });
}

#[test]
fn a_network_with_another_operator_is_left_to_tract() {
    let bytes = altered(|nodes| {
        nodes.iter_mut().filter(|node| node.op_type == "Relu").for_each(|node| {
            node.op_type = "Sigmoid".to_owned();
        })
    });
    let graph = load(&bytes, true);
    assert_eq!(graph.kernel(), None);
    assert_eq!(obstacle(&graph, "Sigmoid").unwrap(), "there is no float kernel of this operator");
    assert!(graph.explain().iter().all(|node| node.obstacle.is_some()));
    assert_eq!(run(&graph, 1), run(&load(&bytes, false), 1));
}

#[test]
fn a_convolution_with_dilation_is_left_to_tract() {
    let bytes = altered(|nodes| {
        let conv = nodes.iter_mut().filter(|node| node.op_type == "Conv").nth(1).unwrap();
        conv.attribute.iter_mut().find(|attribute| attribute.name == "dilations").unwrap().ints = vec![2, 2];
        conv.attribute.iter_mut().find(|attribute| attribute.name == "pads").unwrap().ints = vec![2, 2, 2, 2];
    });
    let graph = load(&bytes, true);
    assert_eq!(graph.kernel(), None);
    assert!(
        graph.explain().iter().any(|node| {
            node.obstacle.as_deref() == Some("it has dilation, automatic padding or an unusual window")
        })
    );
    assert_eq!(run(&graph, 1), run(&load(&bytes, false), 1));
}

/// Whatever the bytes, the loader and the first run come back.
#[test]
fn altered_bytes_never_end_the_process() {
    let (mut loaded, mut refused) = (0, 0);
    for at in (0..20_000).chain(DETECTOR.len() - 20_000..DETECTOR.len()).step_by(199) {
        for flip in [0x01, 0x80] {
            let mut bytes = DETECTOR.to_vec();
            bytes[at] ^= flip;
            match Graph::from_onnx(&bytes) {
                Ok(graph) if graph.inputs().len() == 1 && graph.inputs()[0].shape == SHAPE => {
                    loaded += 1;
                    assert!(!matches!(graph.run(&[(&SHAPE, &input(1))]), Err(EngineError::Panicked { .. })));
                }
                Ok(_) => {}
                Err(_) => refused += 1,
            }
        }
    }
    assert!(loaded > 0 && refused > 0, "{loaded} loaded, {refused} refused");
}
