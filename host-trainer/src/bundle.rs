//! Packing a bundle: network, policy, figures and model card in one folder that the device checks as a whole.

mod model_card;
mod pack;
mod sign;

pub use model_card::model_card;
pub use pack::{Contents, Evidence, PackError, REPORT_FOLDER, pack};
pub use sign::{SignError, Signer, make_keys};
