//! ONNX bytes to numbers.

mod few_rows;
mod operators;

use tract_onnx::model::{Onnx, OnnxOpRegister};
use tract_onnx::pb::{ModelProto, NodeProto};
use tract_onnx::prelude::*;

use aisle_core::rank::RANK_FEATURES;
use aisle_core::text::{WORD_FEATURES, WordRow};

use self::operators::operators;
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

/// `encoder.onnx`: input `ids` `[W, WORD_FEATURES]` of i64, outputs `[1, labels]` logits and
/// a vector `[1, vector length]`, both f32.
#[derive(Debug)]
pub(crate) struct Encoder {
    plan: Plan,
}

impl Encoder {
    pub(crate) fn load(bytes: &[u8]) -> Result<Self, EngineError> {
        Ok(Self { plan: load("encoder.onnx", bytes)? })
    }

    /// Runs the encoder on the words of a text, of which there must be one.
    pub(crate) fn run(&self, words: &[WordRow]) -> Result<Encoding, EngineError> {
        let failed = |e: TractError| EngineError::Model(format!("encoder.onnx: {e:#}"));
        let ids: Vec<i64> = words.as_flattened().iter().map(|id| i64::from(*id)).collect();
        let ids = Tensor::from_shape(&[words.len(), WORD_FEATURES], &ids).map_err(failed)?;
        let mut outputs = self.plan.run(tvec!(ids.into())).map_err(failed)?.into_iter();
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
    let failed = |e: TractError| EngineError::Model(format!("{file}: {e:#}"));
    let model = Onnx::default().proto_model_for_read(&mut &*bytes).map_err(failed)?;
    plan(file, &model)
}

fn plan(file: &str, model: &ModelProto) -> Result<Plan, EngineError> {
    let failed = |e: TractError| EngineError::Model(format!("{file}: {e:#}"));
    let onnx = Onnx { op_register: operators(), ..Onnx::default() };
    if let Some(node) = unknown_operator(&onnx.op_register, model) {
        let (operator, name) = (&node.op_type, &node.name);
        return Err(EngineError::Model(format!(
            "{file}: the engine has no operator `{operator}`, which node `{name}` needs"
        )));
    }
    onnx.model_for_proto_model(model)
        .and_then(|model| model.into_optimized())
        .and_then(|model| model.into_runnable())
        .map_err(failed)
}

fn unknown_operator<'a>(known: &OnnxOpRegister, model: &'a ModelProto) -> Option<&'a NodeProto> {
    model.graph.as_ref()?.node.iter().find(|node| !known.0.contains_key(&node.op_type))
}

fn floats(tensor: &Tensor) -> TractResult<Vec<f32>> {
    Ok(tensor.try_as_plain_ram()?.as_slice::<f32>()?.to_vec())
}

#[cfg(test)]
mod tests {
    use tract_onnx::pb::attribute_proto::AttributeType;
    use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
    use tract_onnx::pb::{
        AttributeProto, GraphProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto,
        ValueInfoProto, type_proto,
    };

    use super::*;

    const FLOAT: i32 = 1;
    const INT64: i32 = 7;

    enum Value {
        Int(i64),
        Ints(&'static [i64]),
        Tensor(Box<TensorProto>),
    }

    /// A node: operator, inputs, output, attributes.
    type Node = (&'static str, &'static [&'static str], &'static str, Vec<(&'static str, Value)>);

    fn floats_of(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
        TensorProto {
            name: name.into(),
            dims: dims.to_vec(),
            data_type: FLOAT,
            float_data: values.to_vec(),
            ..TensorProto::default()
        }
    }

    fn ints_of(name: &str, values: &[i64]) -> TensorProto {
        TensorProto {
            name: name.into(),
            dims: vec![values.len() as i64],
            data_type: INT64,
            int64_data: values.to_vec(),
            ..TensorProto::default()
        }
    }

    fn attribute((name, value): (&str, Value)) -> AttributeProto {
        let mut attribute = AttributeProto { name: name.into(), ..AttributeProto::default() };
        let kind = match value {
            Value::Int(i) => {
                attribute.i = i;
                AttributeType::Int
            }
            Value::Ints(ints) => {
                attribute.ints = ints.to_vec();
                AttributeType::Ints
            }
            Value::Tensor(tensor) => {
                attribute.t = Some(*tensor);
                AttributeType::Tensor
            }
        };
        attribute.r#type = kind as i32;
        attribute
    }

    /// A model from `x`, of floats `[T, 2]`, to `y`.
    fn model(nodes: Vec<Node>, constants: Vec<TensorProto>) -> ModelProto {
        let dimension = |value| Dimension { value: Some(value), ..Dimension::default() };
        let shape = TensorShapeProto {
            dim: vec![
                dimension(dimension::Value::DimParam("T".into())),
                dimension(dimension::Value::DimValue(2)),
            ],
        };
        let tensor = type_proto::Tensor { elem_type: FLOAT, shape: Some(shape) };
        let value = type_proto::Value::TensorType(tensor);
        let input = ValueInfoProto {
            name: "x".into(),
            r#type: Some(TypeProto { value: Some(value), ..TypeProto::default() }),
            ..ValueInfoProto::default()
        };
        let output = ValueInfoProto { name: "y".into(), ..ValueInfoProto::default() };
        let nodes = nodes.into_iter().map(|(operator, inputs, output, attributes)| NodeProto {
            op_type: operator.into(),
            name: output.into(),
            input: inputs.iter().map(ToString::to_string).collect(),
            output: vec![output.into()],
            attribute: attributes.into_iter().map(attribute).collect(),
            ..NodeProto::default()
        });
        let graph = GraphProto {
            node: nodes.collect(),
            initializer: constants,
            input: vec![input],
            output: vec![output],
            ..GraphProto::default()
        };
        let opset = OperatorSetIdProto { domain: String::new(), version: 17 };
        ModelProto {
            ir_version: 8,
            graph: Some(graph),
            opset_import: vec![opset],
            ..ModelProto::default()
        }
    }

    /// What a model makes of two rows.
    fn check(nodes: Vec<Node>, constants: Vec<TensorProto>, expected: &[f32]) {
        let operators: Vec<&str> = nodes.iter().map(|node| node.0).collect();
        let name = operators.join(", ");
        let plan = plan("test.onnx", &model(nodes, constants)).expect(&name);
        let x = tensor2(&[[1.0f32, 4.0], [0.25, -1.0]]);
        let y = floats(&plan.run(tvec!(x.into())).unwrap()[0]).unwrap();
        assert_eq!(y.len(), expected.len(), "{name}: {y:?}");
        for (found, expected) in y.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{name}: {y:?}");
        }
    }

    #[test]
    fn every_operator_does_what_its_name_says() {
        use Value::{Int, Ints, Tensor};
        let two = || floats_of("two", &[], &[2.0]);
        let cases: Vec<(Vec<Node>, Vec<TensorProto>, &[f32])> = vec![
            (vec![("Add", &["x", "two"], "y", vec![])], vec![two()], &[3.0, 6.0, 2.25, 1.0]),
            (vec![("Sub", &["x", "two"], "y", vec![])], vec![two()], &[-1.0, 2.0, -1.75, -3.0]),
            (vec![("Mul", &["x", "two"], "y", vec![])], vec![two()], &[2.0, 8.0, 0.5, -2.0]),
            (vec![("Div", &["x", "two"], "y", vec![])], vec![two()], &[0.5, 2.0, 0.125, -0.5]),
            (vec![("Pow", &["x", "two"], "y", vec![])], vec![two()], &[1.0, 16.0, 0.0625, 1.0]),
            (
                vec![("Mul", &["x", "x"], "s", vec![]), ("Sqrt", &["s"], "y", vec![])],
                vec![],
                &[1.0, 4.0, 0.25, 1.0],
            ),
            (vec![("Erf", &["x"], "y", vec![])], vec![], &[0.842_701, 1.0, 0.276_326, -0.842_701]),
            (
                vec![("Tanh", &["x"], "y", vec![])],
                vec![],
                &[0.761_594, 0.999_329, 0.244_919, -0.761_594],
            ),
            (
                vec![("Sigmoid", &["x"], "y", vec![])],
                vec![],
                &[0.731_059, 0.982_014, 0.562_177, 0.268_941],
            ),
            (vec![("Relu", &["x"], "y", vec![])], vec![], &[1.0, 4.0, 0.25, 0.0]),
            (
                vec![("MatMul", &["x", "w"], "y", vec![])],
                vec![floats_of("w", &[2, 1], &[1.0, 10.0])],
                &[41.0, -9.75],
            ),
            (
                vec![
                    ("Unsqueeze", &["x", "first"], "more", vec![]),
                    ("Transpose", &["more"], "turned", vec![("perm", Ints(&[0, 2, 1]))]),
                    ("MatMul", &["more", "turned"], "y", vec![]),
                ],
                vec![ints_of("first", &[0])],
                &[17.0, -3.75, -3.75, 1.0625],
            ),
            (
                vec![("Softmax", &["x"], "y", vec![("axis", Int(1))])],
                vec![],
                &[0.047_426, 0.952_574, 0.777_300, 0.222_700],
            ),
            (
                vec![("ReduceMean", &["x"], "y", vec![("axes", Ints(&[0])), ("keepdims", Int(1))])],
                vec![],
                &[0.625, 1.5],
            ),
            (
                vec![("ReduceMax", &["x"], "y", vec![("axes", Ints(&[0])), ("keepdims", Int(1))])],
                vec![],
                &[1.0, 4.0],
            ),
            (vec![("ReduceMax", &["x"], "y", vec![("axes", Ints(&[1]))])], vec![], &[4.0, 0.25]),
            (vec![("ReduceSum", &["x"], "y", vec![("keepdims", Int(0))])], vec![], &[4.25]),
            (
                vec![("ReduceSum", &["x", "axes"], "y", vec![])],
                vec![ints_of("axes", &[-1])],
                &[5.0, -0.75],
            ),
            (
                vec![("Gather", &["x", "at"], "y", vec![("axis", Int(1))])],
                vec![ints_of("at", &[1, 0])],
                &[4.0, 1.0, -1.0, 0.25],
            ),
            (
                vec![("Concat", &["x", "x"], "y", vec![("axis", Int(0))])],
                vec![],
                &[1.0, 4.0, 0.25, -1.0, 1.0, 4.0, 0.25, -1.0],
            ),
            (
                vec![("Transpose", &["x"], "y", vec![("perm", Ints(&[1, 0]))])],
                vec![],
                &[1.0, 0.25, 4.0, -1.0],
            ),
            (
                vec![("Reshape", &["x", "to"], "y", vec![])],
                vec![ints_of("to", &[0, 1, 2])],
                &[1.0, 4.0, 0.25, -1.0],
            ),
            (
                vec![
                    ("Unsqueeze", &["x", "first"], "more", vec![]),
                    ("ReduceMean", &["more"], "mean", vec![("axes", Ints(&[1]))]),
                    ("Squeeze", &["mean", "both"], "y", vec![]),
                ],
                vec![ints_of("first", &[0]), ints_of("both", &[0, 1])],
                &[0.625, 1.5],
            ),
            (
                vec![
                    ("Shape", &["x"], "shape", vec![]),
                    ("Cast", &["shape"], "y", vec![("to", Int(i64::from(FLOAT)))]),
                ],
                vec![],
                &[2.0, 2.0],
            ),
            (
                vec![
                    (
                        "Constant",
                        &[],
                        "three",
                        vec![("value", Tensor(Box::new(floats_of("", &[], &[3.0]))))],
                    ),
                    ("Add", &["x", "three"], "y", vec![]),
                ],
                vec![],
                &[4.0, 7.0, 3.25, 2.0],
            ),
        ];
        for (nodes, constants, expected) in cases {
            check(nodes, constants, expected);
        }
    }

    #[test]
    fn an_unknown_operator_is_named() {
        let nodes: Vec<Node> = vec![("Relu", &["x"], "z", vec![]), ("LSTM", &["z"], "y", vec![])];
        let error = plan("encoder.onnx", &model(nodes, vec![])).unwrap_err();
        assert_eq!(error.code(), "model_failed");
        assert_eq!(
            error.to_string(),
            "encoder.onnx: the engine has no operator `LSTM`, which node `y` needs"
        );
    }

    #[test]
    fn axes_that_are_not_constant_are_refused() {
        let nodes: Vec<Node> = vec![("ReduceSum", &["x", "x"], "y", vec![])];
        let error = plan("encoder.onnx", &model(nodes, vec![])).unwrap_err().to_string();
        assert!(error.contains("the axes `x` are no constant of the graph"), "{error}");
    }

    #[test]
    fn bytes_of_no_model_are_refused() {
        let error = Ranker::load(&[0xff; 9]).unwrap_err();
        assert_eq!(error.code(), "model_failed");
        assert!(error.to_string().starts_with("ranker.onnx: "), "{error}");
    }
}
