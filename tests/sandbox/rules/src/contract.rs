//! Checks exchanges against `core/contract/openapi.yaml`: the same file that the ministry's
//! engineer reads. For tests of both sides; no gateway needs it to run.
//!
//! What it reports names places and rules, never a value that a person wrote.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Value, json};
use thiserror::Error;

use self::reading::{entries, find, matched, query};

mod reading;

/// The contract as it is written.
pub const OPENAPI: &str = include_str!("../../../../core/contract/openapi.yaml");

/// Longest token that the contract allows, in bytes.
const TOKEN_BYTES: usize = 64;

type Headers = [(String, String)];

#[derive(Debug, Error)]
pub enum ContractError {
    #[error("openapi.yaml is not YAML: {0}")]
    Yaml(#[from] serde_norway::Error),
}

/// One rule of the contract that an exchange does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where: `PUT /v1/reports/{key} 201 body /tracking_id`.
    pub place: String,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.what)
    }
}

/// The parsed contract with its compiled schemas.
#[derive(Debug)]
pub struct ContractChecker {
    document: Value,
    compiled: Mutex<BTreeMap<String, Option<Arc<Validator>>>>,
}

/// An operation and the values of its path parameters.
struct Operation<'a> {
    name: String,
    item: &'a Value,
    value: &'a Value,
    path_values: Vec<(String, String)>,
}

impl ContractChecker {
    pub fn load() -> Result<Self, ContractError> {
        Ok(Self {
            document: serde_norway::from_str(OPENAPI)?,
            compiled: Mutex::default(),
        })
    }

    /// What a client's request breaks. `path` is path and query.
    pub fn check_request(
        &self,
        method: &str,
        path: &str,
        headers: &Headers,
        body: &[u8],
    ) -> Vec<Violation> {
        let mut broken = Broken::at(format!("{method} request"));
        let Some(operation) = self.operation(method, path) else {
            broken.add("", "no such operation");
            return broken.found;
        };
        broken.place = format!("{} request", operation.name);
        for parameter in self.parameters(&operation) {
            self.check_parameter(parameter, &operation, path, headers, &mut broken);
        }
        if self.needs_token(&operation) {
            let token =
                find(headers, "Authorization").and_then(|text| text.strip_prefix("Bearer "));
            match token {
                None => broken.add(" header Authorization", "is required"),
                Some(token) if token.len() > TOKEN_BYTES => {
                    broken.add(" header Authorization", "is longer than 64 bytes");
                }
                Some(_) => {}
            }
        } else if find(headers, "Authorization").is_some() {
            broken.add(
                " header Authorization",
                "a token goes where it is not asked for",
            );
        }
        match operation.value.get("requestBody") {
            None if body.is_empty() => {}
            None => broken.add(" body", "must be empty"),
            Some(described) => {
                let described = self.resolved(described);
                self.check_body(described, &operation.name, headers, body, &mut broken);
            }
        }
        broken.found
    }

    /// What a gateway's answer to that request breaks. `body` without any content coding.
    pub fn check_answer(
        &self,
        method: &str,
        path: &str,
        status: u16,
        headers: &Headers,
        body: &[u8],
    ) -> Vec<Violation> {
        let mut broken = Broken::at(format!("{method} answer {status}"));
        let Some(operation) = self.operation(method, path) else {
            self.check_elsewhere(status, body, &mut broken);
            return broken.found;
        };
        broken.place = format!("{} answer {status}", operation.name);
        let described = operation
            .value
            .get("responses")
            .and_then(|responses| responses.get(status.to_string()));
        let Some(described) = described else {
            broken.add("", "the operation does not have this status");
            return broken.found;
        };
        let described = self.resolved(described);
        for (name, header) in entries(described.get("headers")) {
            let header = self.resolved(header);
            let place = format!(" header {name}");
            let key = format!("{} {status} header {name}", operation.name);
            self.check_text(header, &key, find(headers, name), &place, &mut broken);
        }
        if described.get("content").is_some() {
            let key = format!("{} {status}", operation.name);
            self.check_body(described, &key, headers, body, &mut broken);
        } else if !body.is_empty() {
            broken.add(" body", "must be empty");
        }
        broken.found
    }

    /// Addresses and methods that the contract does not have: 404 or 405, as a problem.
    fn check_elsewhere(&self, status: u16, body: &[u8], broken: &mut Broken) {
        let code = match status {
            404 => "not_found",
            405 => "method_not_allowed",
            _ => {
                broken.add("", "an unknown operation must be 404 or 405");
                return;
            }
        };
        let schema = json!({
            "allOf": [
                { "$ref": "#/components/schemas/Problem" },
                { "properties": { "code": { "const": code } } },
            ],
        });
        // tus answers have no body.
        if !body.is_empty() {
            self.check_json(&schema, &format!("elsewhere {status}"), body, broken);
        }
    }

    fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let path = path.split('?').next().unwrap_or_default();
        let method = method.to_ascii_lowercase();
        let paths = self.document.get("paths")?.as_object()?;
        // A literal address goes before one with parameters.
        let exact = paths.get_key_value(path).map(|found| (found, Vec::new()));
        let (template, item, path_values) = match exact {
            Some(((template, item), values)) => (template, item, values),
            None => paths
                .iter()
                .find_map(|(template, item)| Some((template, item, matched(template, path)?)))?,
        };
        let value = item.get(&method)?;
        Some(Operation {
            name: format!("{} {template}", method.to_ascii_uppercase()),
            item,
            value,
            path_values,
        })
    }

    fn parameters<'a>(&'a self, operation: &Operation<'a>) -> Vec<&'a Value> {
        [operation.item, operation.value]
            .iter()
            .filter_map(|holder| holder.get("parameters")?.as_array())
            .flatten()
            .map(|parameter| self.resolved(parameter))
            .collect()
    }

    fn check_parameter(
        &self,
        parameter: &Value,
        operation: &Operation<'_>,
        path: &str,
        headers: &Headers,
        broken: &mut Broken,
    ) {
        let text = |field: &str| parameter.get(field).and_then(Value::as_str).unwrap_or("");
        let (name, place) = (text("name"), text("in"));
        let given = match place {
            "path" => operation
                .path_values
                .iter()
                .find(|(held, _)| held == name)
                .map(|(_, value)| value.clone()),
            "query" => query(path, name),
            _ => find(headers, name).map(str::to_owned),
        };
        let key = format!("{} {place} {name}", operation.name);
        let place = format!(" {place} {name}");
        self.check_text(parameter, &key, given.as_deref(), &place, broken);
        // A gateway ignores malformed optional headers; a client does not send them.
        if let (Some(given), Some(pattern)) = (given, parameter.get("x-client-pattern")) {
            let schema = json!({ "pattern": pattern });
            self.check_value(
                &schema,
                &format!("{key} client"),
                &json!(given),
                &place,
                broken,
            );
        }
    }

    /// A header or parameter: there when required, and by its schema.
    fn check_text(
        &self,
        described: &Value,
        key: &str,
        given: Option<&str>,
        place: &str,
        broken: &mut Broken,
    ) {
        let required = described.get("required") == Some(&Value::Bool(true));
        let Some(given) = given else {
            if required {
                broken.add(place, "is required");
            }
            return;
        };
        let Some(schema) = described.get("schema") else {
            return;
        };
        let kind = self.resolved(schema).get("type").and_then(Value::as_str);
        let value = match (kind, given.parse::<i64>()) {
            (Some("integer"), Ok(number)) => json!(number),
            _ => json!(given),
        };
        self.check_value(schema, key, &value, place, broken);
    }

    fn check_body(
        &self,
        described: &Value,
        key: &str,
        headers: &Headers,
        body: &[u8],
        broken: &mut Broken,
    ) {
        let media_type = find(headers, "Content-Type")
            .and_then(|text| text.split(';').next())
            .unwrap_or("")
            .trim()
            .to_ascii_lowercase();
        let content = described
            .get("content")
            .and_then(|content| content.get(&media_type));
        let Some(content) = content else {
            broken.add(" header Content-Type", "is not one of the contract's");
            return;
        };
        if let Some(schema) = content.get("schema")
            && media_type.ends_with("json")
        {
            self.check_json(schema, &format!("{key} {media_type}"), body, broken);
        }
    }

    fn check_json(&self, schema: &Value, key: &str, body: &[u8], broken: &mut Broken) {
        match serde_json::from_slice(body) {
            Ok(value) => self.check_value(schema, key, &value, " body", broken),
            Err(_) => broken.add(" body", "is not JSON"),
        }
    }

    fn check_value(
        &self,
        schema: &Value,
        key: &str,
        value: &Value,
        place: &str,
        broken: &mut Broken,
    ) {
        let Some(validator) = self.validator(schema, key) else {
            broken.add(place, "the contract's own schema does not compile");
            return;
        };
        // To look for every error takes ten times as long, and there is hardly ever one.
        if validator.is_valid(value) {
            return;
        }
        for error in validator.iter_errors(value) {
            let at = error.instance_path().to_string();
            broken.add(&format!("{place} {at}"), &error.masked().to_string());
        }
    }

    /// `key` names the schema's place in the document, so that each is compiled once.
    fn validator(&self, schema: &Value, key: &str) -> Option<Arc<Validator>> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = compiled.get(key) {
            return held.clone();
        }
        // The schema stands beside the components, so that its references resolve.
        let whole = json!({
            "allOf": [schema],
            "components": self.document.get("components"),
        });
        let built = jsonschema::draft202012::new(&whole).ok().map(Arc::new);
        compiled.insert(key.to_owned(), built.clone());
        built
    }

    fn needs_token(&self, operation: &Operation<'_>) -> bool {
        let own = operation.value.get("security");
        own.or_else(|| self.document.get("security"))
            .and_then(Value::as_array)
            .is_some_and(|schemes| !schemes.is_empty())
    }

    /// Follows a local `$ref`, once or more.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let mut at = value;
        while let Some(found) = at
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| reference.strip_prefix('#'))
            .and_then(|pointer| self.document.pointer(pointer))
        {
            at = found;
        }
        at
    }
}

struct Broken {
    place: String,
    found: Vec<Violation>,
}

impl Broken {
    const fn at(place: String) -> Self {
        Self {
            place,
            found: Vec::new(),
        }
    }

    fn add(&mut self, place: &str, what: &str) {
        self.found.push(Violation {
            place: format!("{}{place}", self.place),
            what: what.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests;
