//! JSON as Godot's values.

use godot::builtin::{GString, VarArray, VarDictionary, Variant};
use godot::meta::ToGodot;
use serde_json::Value;

/// Whole numbers stay whole; those above 2^63 become floating-point.
pub fn to_variant(value: &Value) -> Variant {
    match value {
        Value::Null => Variant::nil(),
        Value::Bool(value) => value.to_variant(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.to_variant(),
            None => number.as_f64().unwrap_or_default().to_variant(),
        },
        Value::String(text) => GString::from(text.as_str()).to_variant(),
        Value::Array(values) => {
            let mut array = VarArray::new();
            for value in values {
                array.push(&to_variant(value));
            }
            array.to_variant()
        }
        Value::Object(_) => to_dictionary(value).to_variant(),
    }
}

/// An object's members; empty for anything else.
pub fn to_dictionary(value: &Value) -> VarDictionary {
    let mut dictionary = VarDictionary::new();
    for (key, value) in value.as_object().into_iter().flatten() {
        dictionary.set(key.as_str(), &to_variant(value));
    }
    dictionary
}
