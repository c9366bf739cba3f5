//! Questions and answers held against the contract.

use std::sync::OnceLock;

use lapor_sandbox_rules::{Answer, Request, contract::ContractChecker};

use super::Wire;

impl Wire {
    /// The schemas cost as much as the gateway itself: every exchange of one schedule in eight.
    pub(super) fn holds_to_the_contract(&self) -> bool {
        self.seed.is_multiple_of(8)
    }

    pub(super) fn check_answer(&mut self, request: &Request, answer: &Answer) {
        let found = checker().map(|checker| {
            checker.check_answer(
                &request.method,
                &request.path,
                answer.status,
                &answer.headers,
                &answer.body,
            )
        });
        match found {
            Some(problems) if problems.is_empty() => {}
            Some(problems) => self.broken(format!("the gateway breaks the contract: {problems:?}")),
            None => self.broken("the contract cannot be read".to_owned()),
        }
    }

    pub(crate) fn check_request(&mut self, request: &Request) {
        if !self.holds_to_the_contract() {
            return;
        }
        let found = checker().map(|checker| {
            checker.check_request(
                &request.method,
                &request.path,
                &request.headers,
                &request.body,
            )
        });
        if let Some(problems) = found.filter(|problems| !problems.is_empty()) {
            self.broken(format!("the client breaks the contract: {problems:?}"));
        }
    }
}

/// Parsing the contract takes longer than a schedule.
fn checker() -> Option<&'static ContractChecker> {
    static CHECKER: OnceLock<Option<ContractChecker>> = OnceLock::new();
    CHECKER
        .get_or_init(|| ContractChecker::load().ok())
        .as_ref()
}
