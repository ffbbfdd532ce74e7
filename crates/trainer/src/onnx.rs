//! The part of the ONNX file format that the trainer writes and reads.
//!
//! Field numbers are those of `onnx.proto3` (ONNX 1.x, IR version 8); fields that are not used
//! here are skipped by protobuf's own rules.

use prost::Message;
use thiserror::Error;

/// Operator set that the models use.
const OPSET: i64 = 17;
/// Version of the intermediate representation that goes with it.
const IR_VERSION: i64 = 8;

/// Why a model file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OnnxError {
    /// Not a protobuf message of a model.
    #[error("this is not an ONNX model: {0}")]
    Malformed(String),
    /// A tensor is not there, or has another type or shape than expected.
    #[error("the ONNX model has no tensor `{0}` of the expected type and shape")]
    Tensor(String),
}

/// Element types, by their numbers in `TensorProto.DataType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType {
    /// 32-bit float.
    Float = 1,
    /// 8-bit signed integer.
    Int8 = 3,
    /// 64-bit signed integer.
    Int64 = 7,
}

#[derive(Clone, PartialEq, Message)]
struct ModelProto {
    #[prost(int64, tag = "1")]
    ir_version: i64,
    #[prost(string, tag = "2")]
    producer_name: String,
    #[prost(message, optional, tag = "7")]
    graph: Option<GraphProto>,
    #[prost(message, repeated, tag = "8")]
    opset_import: Vec<OperatorSetIdProto>,
}

#[derive(Clone, PartialEq, Message)]
struct OperatorSetIdProto {
    #[prost(string, tag = "1")]
    domain: String,
    #[prost(int64, tag = "2")]
    version: i64,
}

#[derive(Clone, PartialEq, Message)]
struct GraphProto {
    #[prost(message, repeated, tag = "1")]
    node: Vec<NodeProto>,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<TensorProto>,
    #[prost(message, repeated, tag = "11")]
    input: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "12")]
    output: Vec<ValueInfoProto>,
}

#[derive(Clone, PartialEq, Message)]
struct NodeProto {
    #[prost(string, repeated, tag = "1")]
    input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    output: Vec<String>,
    #[prost(string, tag = "3")]
    name: String,
    #[prost(string, tag = "4")]
    op_type: String,
    #[prost(message, repeated, tag = "5")]
    attribute: Vec<AttributeProto>,
}

#[derive(Clone, PartialEq, Message)]
struct AttributeProto {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int64, tag = "3")]
    i: i64,
    #[prost(int64, repeated, tag = "8")]
    ints: Vec<i64>,
    #[prost(int32, tag = "20")]
    r#type: i32,
}

#[derive(Clone, PartialEq, Message)]
struct TensorProto {
    #[prost(int64, repeated, tag = "1")]
    dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    data_type: i32,
    #[prost(string, tag = "8")]
    name: String,
    #[prost(bytes = "vec", tag = "9")]
    raw_data: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct ValueInfoProto {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    r#type: Option<TypeProto>,
}

#[derive(Clone, PartialEq, Message)]
struct TypeProto {
    #[prost(message, optional, tag = "1")]
    tensor_type: Option<TensorTypeProto>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorTypeProto {
    #[prost(int32, tag = "1")]
    elem_type: i32,
    #[prost(message, optional, tag = "2")]
    shape: Option<TensorShapeProto>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorShapeProto {
    #[prost(message, repeated, tag = "1")]
    dim: Vec<DimensionProto>,
}

#[derive(Clone, PartialEq, Message)]
struct DimensionProto {
    #[prost(int64, optional, tag = "1")]
    dim_value: Option<i64>,
    #[prost(string, optional, tag = "2")]
    dim_param: Option<String>,
}

/// A dimension of an input or output.
#[derive(Clone, Copy, Debug)]
pub enum Dimension {
    /// Known when the model is written.
    Fixed(usize),
    /// Known when the model is run.
    Dynamic(&'static str),
}

/// An attribute of a node.
#[derive(Clone, Copy, Debug)]
pub enum Attribute<'a> {
    /// One integer.
    Int(&'a str, i64),
    /// Several integers.
    Ints(&'a str, &'a [i64]),
}

/// Writes a model node by node.
#[derive(Debug)]
pub struct GraphWriter {
    graph: GraphProto,
}

impl GraphWriter {
    /// An empty graph.
    pub fn new(name: &str) -> Self {
        Self { graph: GraphProto { name: name.to_owned(), ..GraphProto::default() } }
    }

    /// Declares an input.
    pub fn input(&mut self, name: &str, element: ElementType, shape: &[Dimension]) {
        self.graph.input.push(value_info(name, element, shape));
    }

    /// Declares an output.
    pub fn output(&mut self, name: &str, element: ElementType, shape: &[Dimension]) {
        self.graph.output.push(value_info(name, element, shape));
    }

    /// Adds a constant of floats.
    pub fn floats(&mut self, name: &str, dims: &[usize], data: &[f32]) {
        let raw = data.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.constant(name, ElementType::Float, dims, raw);
    }

    /// Adds a constant of bytes.
    pub fn int8s(&mut self, name: &str, dims: &[usize], data: &[i8]) {
        let raw = data.iter().map(|x| x.cast_unsigned()).collect();
        self.constant(name, ElementType::Int8, dims, raw);
    }

    /// Adds a constant of whole numbers.
    pub fn int64s(&mut self, name: &str, dims: &[usize], data: &[i64]) {
        let raw = data.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.constant(name, ElementType::Int64, dims, raw);
    }

    fn constant(&mut self, name: &str, element: ElementType, dims: &[usize], raw_data: Vec<u8>) {
        self.graph.initializer.push(TensorProto {
            dims: dims.iter().map(|d| *d as i64).collect(),
            data_type: element as i32,
            name: name.to_owned(),
            raw_data,
        });
    }

    /// Adds a node with one output, which is also the node's name.
    pub fn node(&mut self, op: &str, inputs: &[&str], output: &str, attributes: &[Attribute<'_>]) {
        self.graph.node.push(NodeProto {
            input: inputs.iter().map(ToString::to_string).collect(),
            output: vec![output.to_owned()],
            name: output.to_owned(),
            op_type: op.to_owned(),
            attribute: attributes.iter().map(attribute).collect(),
        });
    }

    /// The bytes of the model.
    pub fn finish(self) -> Vec<u8> {
        ModelProto {
            ir_version: IR_VERSION,
            producer_name: "aisle".to_owned(),
            graph: Some(self.graph),
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
        }
        .encode_to_vec()
    }
}

fn attribute(attribute: &Attribute<'_>) -> AttributeProto {
    /// `AttributeProto.AttributeType`.
    const INT: i32 = 2;
    const INTS: i32 = 7;
    match attribute {
        Attribute::Int(name, i) => {
            AttributeProto { name: (*name).to_owned(), i: *i, ints: vec![], r#type: INT }
        }
        Attribute::Ints(name, ints) => {
            AttributeProto { name: (*name).to_owned(), i: 0, ints: ints.to_vec(), r#type: INTS }
        }
    }
}

fn value_info(name: &str, element: ElementType, shape: &[Dimension]) -> ValueInfoProto {
    let dim = |d: &Dimension| match d {
        Dimension::Fixed(n) => DimensionProto { dim_value: Some(*n as i64), dim_param: None },
        Dimension::Dynamic(name) => {
            DimensionProto { dim_value: None, dim_param: Some((*name).to_owned()) }
        }
    };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type: element as i32,
                shape: Some(TensorShapeProto { dim: shape.iter().map(dim).collect() }),
            }),
        }),
    }
}

/// The constants of a model file, by name.
#[derive(Debug)]
pub struct Constants {
    tensors: Vec<TensorProto>,
}

impl Constants {
    /// Reads a model file.
    pub fn read(bytes: &[u8]) -> Result<Self, OnnxError> {
        let model = ModelProto::decode(bytes).map_err(|e| OnnxError::Malformed(e.to_string()))?;
        let graph = model.graph.ok_or_else(|| OnnxError::Malformed("it has no graph".into()))?;
        Ok(Self { tensors: graph.initializer })
    }

    /// A constant of floats with this shape.
    pub fn floats(&self, name: &str, dims: &[usize]) -> Result<Vec<f32>, OnnxError> {
        let raw = self.raw(name, ElementType::Float, dims)?;
        Ok(raw.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// A constant of bytes with this shape.
    pub fn int8s(&self, name: &str, dims: &[usize]) -> Result<Vec<i8>, OnnxError> {
        let raw = self.raw(name, ElementType::Int8, dims)?;
        Ok(raw.iter().map(|b| b.cast_signed()).collect())
    }

    fn raw(&self, name: &str, element: ElementType, dims: &[usize]) -> Result<&[u8], OnnxError> {
        let width = if element == ElementType::Float { 4 } else { 1 };
        let bytes = dims.iter().product::<usize>() * width;
        self.tensors
            .iter()
            .find(|t| t.name == name)
            .filter(|t| t.data_type == element as i32)
            .filter(|t| t.dims.iter().map(|d| *d as usize).eq(dims.iter().copied()))
            .map(|t| t.raw_data.as_slice())
            .filter(|raw| raw.len() == bytes)
            .ok_or_else(|| OnnxError::Tensor(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn constants_come_back_with_their_type_and_shape() {
        let mut graph = GraphWriter::new("g");
        graph.floats("f", &[2, 1], &[1.5, -2.0]);
        graph.int8s("i", &[3], &[-1, 0, 127]);
        let constants = Constants::read(&graph.finish()).unwrap();
        assert_eq!(constants.floats("f", &[2, 1]), Ok(vec![1.5, -2.0]));
        assert_eq!(constants.int8s("i", &[3]), Ok(vec![-1, 0, 127]));
        for (name, dims) in [("f", &[1, 2][..]), ("i", &[3]), ("absent", &[1])] {
            assert_eq!(constants.floats(name, dims), Err(OnnxError::Tensor(name.into())));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Constants::read(&bytes);
        }
    }
}
