//! The one home of tract: ONNX bytes to numbers.

use tract_onnx::prelude::*;

use aisle_core::rank::RANK_FEATURES;

use crate::EngineError;

type Plan = Arc<TypedRunnableModel>;

/// What the encoder gives for one text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Encoding {
    /// One per label.
    pub(crate) logits: Vec<f32>,
    /// Unit length.
    pub(crate) vector: Vec<f32>,
}

/// `encoder.onnx`: input `ids` `[T]` of i64, outputs `logits` `[1, labels]` and `vector`
/// `[1, vector length]` of f32.
#[derive(Debug)]
pub(crate) struct Encoder {
    plan: Plan,
    buckets: u32,
}

impl Encoder {
    pub(crate) fn load(bytes: &[u8], buckets: u32) -> Result<Self, EngineError> {
        Ok(Self { plan: load("encoder.onnx", bytes)?, buckets })
    }

    /// Runs the encoder. `ids` must not be empty; ids of no bucket are left out.
    pub(crate) fn run(&self, ids: &[u32]) -> Result<Encoding, EngineError> {
        let failed = |e: TractError| EngineError::Model(format!("encoder.onnx: {e:#}"));
        let ids: Vec<i64> =
            ids.iter().filter(|id| **id < self.buckets).map(|id| i64::from(*id)).collect();
        let mut outputs = self.plan.run(tvec!(tensor1(&ids).into())).map_err(failed)?.into_iter();
        let mut next = || {
            let tensor = outputs
                .next()
                .ok_or_else(|| EngineError::Model("encoder.onnx has too few outputs".into()))?;
            floats(&tensor).map_err(failed)
        };
        Ok(Encoding { logits: next()?, vector: next()? })
    }
}

/// `ranker.onnx`: input `features` `[N, RANK_FEATURES]`, output `scores` `[N, 1]`, both f32.
#[derive(Debug)]
pub(crate) struct Ranker {
    plan: Plan,
}

impl Ranker {
    pub(crate) fn load(bytes: &[u8]) -> Result<Self, EngineError> {
        Ok(Self { plan: load("ranker.onnx", bytes)? })
    }

    pub(crate) fn run(&self, rows: &[[f32; RANK_FEATURES]]) -> Result<Vec<f32>, EngineError> {
        let failed = |e: TractError| EngineError::Model(format!("ranker.onnx: {e:#}"));
        let input = Tensor::from_shape(&[rows.len(), RANK_FEATURES], rows.as_flattened())
            .map_err(failed)?;
        let outputs = self.plan.run(tvec!(input.into())).map_err(failed)?;
        let scores = outputs
            .into_iter()
            .next()
            .ok_or_else(|| EngineError::Model("ranker.onnx has no output".into()))?;
        floats(&scores).map_err(failed)
    }
}

fn load(file: &str, bytes: &[u8]) -> Result<Plan, EngineError> {
    tract_onnx::onnx()
        .model_for_read(&mut &*bytes)
        .and_then(|model| model.into_optimized())
        .and_then(|model| model.into_runnable())
        .map_err(|e| EngineError::Model(format!("{file}: {e:#}")))
}

fn floats(tensor: &Tensor) -> TractResult<Vec<f32>> {
    Ok(tensor.try_as_plain_ram()?.as_slice::<f32>()?.to_vec())
}
