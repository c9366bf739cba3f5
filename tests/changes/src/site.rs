//! Where in a file a change stands: the whole expression around an operator, the guard of an arm,
//! the struct around a field.

use std::{collections::BTreeMap, ops::Range};

use anyhow::{Context, Result};
use syn::{
    BinOp, Expr, ExprBinary, ExprMatch, ExprStruct, ExprUnary, spanned::Spanned, visit::Visit,
};

/// Bytes of a file.
pub(crate) type Bytes = Range<usize>;

/// What stands around the operators, arms and fields that begin at these bytes.
#[derive(Default)]
pub(crate) struct Sites {
    pub(crate) binary: BTreeMap<usize, Bytes>,
    pub(crate) unary: BTreeMap<usize, Bytes>,
    pub(crate) arms: BTreeMap<usize, ArmSite>,
    pub(crate) fields: BTreeMap<usize, Bytes>,
}

pub(crate) struct ArmSite {
    pub(crate) pattern_end: usize,
    pub(crate) guard: Option<Bytes>,
    /// What is matched.
    pub(crate) of: Bytes,
}

pub(crate) fn find(text: &str) -> Result<Sites> {
    let file = syn::parse_file(text).context("not Rust")?;
    let mut sites = Sites::default();
    sites.visit_file(&file);
    Ok(sites)
}

/// Part of a chain with `let`: it is no expression of its own.
fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
            has_let(&binary.left) || has_let(&binary.right)
        }
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Sites {
    fn visit_expr_binary(&mut self, node: &'ast ExprBinary) {
        if !has_let(&node.left) && !has_let(&node.right) {
            self.binary
                .insert(node.op.span().byte_range().start, node.span().byte_range());
        }
        syn::visit::visit_expr_binary(self, node);
    }

    fn visit_expr_unary(&mut self, node: &'ast ExprUnary) {
        self.unary
            .insert(node.op.span().byte_range().start, node.span().byte_range());
        syn::visit::visit_expr_unary(self, node);
    }

    fn visit_expr_match(&mut self, node: &'ast ExprMatch) {
        for arm in &node.arms {
            let site = ArmSite {
                pattern_end: arm.pat.span().byte_range().end,
                guard: arm
                    .guard
                    .as_ref()
                    .map(|(_, guard)| guard.span().byte_range()),
                of: node.expr.span().byte_range(),
            };
            self.arms.insert(arm.span().byte_range().start, site);
        }
        syn::visit::visit_expr_match(self, node);
    }

    fn visit_expr_struct(&mut self, node: &'ast ExprStruct) {
        for field in &node.fields {
            self.fields
                .insert(field.span().byte_range().start, node.span().byte_range());
        }
        syn::visit::visit_expr_struct(self, node);
    }
}
