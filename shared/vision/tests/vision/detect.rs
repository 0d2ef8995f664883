use crate::{ANALYSER, PORTRAITS, portrait};

/// Left, top, width and height of each portrait's face in pixels, both eyes, and the score. They hold
/// on every processor: the detector's operations have one order, and each is rounded once.
const FACES: [([f32; 8], f32); 6] = [
    ([31.375, 52.625, 132.6875, 132.1875, 71.0625, 89.0, 126.4375, 90.4375], 0.929096),
    ([44.25, 67.125, 120.875, 120.375, 82.125, 96.8125, 133.375, 99.75], 0.9419362),
    ([28.5625, 68.875, 130.875, 130.375, 66.0625, 108.1875, 120.25, 107.9375], 0.91826755),
    ([51.4375, 78.125, 113.25, 112.8125, 93.8125, 108.1875, 141.75, 107.3125], 0.9170044),
    ([15.375, 65.0625, 124.9375, 124.4375, 37.1875, 110.125, 83.1875, 103.75], 0.9250711),
    ([45.4375, 64.8125, 115.0, 114.5625, 79.3125, 93.5, 129.75, 90.5], 0.90933686),
];

#[test]
fn faces_are_the_same_on_every_processor() {
    for (name, (numbers, score)) in PORTRAITS.into_iter().zip(FACES) {
        let faces = ANALYSER.detector().detect(&portrait(name)).unwrap();
        let [face] = &faces[..] else { panic!("{name}: {faces:?}") };
        let (bounds, eyes) = (&face.bounds, [face.keypoints.right_eye, face.keypoints.left_eye]);
        let found = [bounds.x, bounds.y, bounds.width, bounds.height, eyes[0].x, eyes[0].y, eyes[1].x, eyes[1].y];
        assert_eq!(found, numbers, "{name}");
        assert_eq!(face.score.to_bits(), score.to_bits(), "{name}: {}", face.score);
    }
}

#[test]
fn the_detector_needs_no_tract() {
    let graph = ANALYSER.detector().graph();
    assert!(graph.kernel().is_some());
    assert!(graph.explain().iter().all(|node| node.obstacle.is_none()));
}
