//! stub
use std::sync::Arc;

use axum::Router;

use crate::sandbox::Sandbox;

pub(crate) fn routes() -> Router<Arc<Sandbox>> {
    Router::new()
}
