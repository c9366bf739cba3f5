//! Faults on purpose, one line each, that show whether the simulator would notice such a fault.
//!
//! Compiled only with the feature `mutants`, which no app has: without it [`mutant!`](crate::mutant)
//! is the literal `false`. With it, too, nothing is wrong until [`set`] names one mutant. The list
//! also names those of `lapor-core` and of the sandbox's rules, so that a runner and a test see
//! them all; each name stands in exactly one `mutant!(..)`.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The mutant that is on, by its place in the list from 1; 0 is none.
static ON: AtomicUsize = AtomicUsize::new(0);

/// Switches one mutant on in this whole process, and every other off.
pub fn set(mutant: Option<Mutant>) {
    ON.store(mutant.map_or(0, |one| one as usize + 1), Ordering::SeqCst);
}

pub fn is_on(mutant: Mutant) -> bool {
    ON.load(Ordering::Relaxed) == mutant as usize + 1
}

macro_rules! list {
    ($($name:ident: $room:literal, $breaks:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Mutant { $(#[doc = $breaks] $name,)* }

        impl Mutant {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// Where it sits: `judge`, `sync`, `store`, `client`, `gateway`.
            pub fn room(self) -> &'static str {
                match self { $(Self::$name => $room,)* }
            }

            /// The fault, in words.
            pub fn breaks(self) -> &'static str {
                match self { $(Self::$name => $breaks,)* }
            }
        }
    };
}

list! {
    // What an answer means.
    UnmarkedIsBelieved: "judge", "an answer needs no mark";
    EchoIsNotCompared: "judge", "an answer to another request is taken for this one's";
    UnmarkedSignsOut: "judge", "a 401 without the mark ends the session";
    UnmarkedRejects: "judge", "a 422 without the mark is a rejection";
    NotFoundIsGone: "judge", "a 404 proves that there is nothing to take back";
    KeyTakenIsWithdrawn: "judge", "a key with other words counts as taken back";
    TooLateIsWithdrawn: "judge", "what cannot be taken back any more counts as taken back";
    RetryAfterIsObeyed: "judge", "Retry-After is not clamped";
    ClockIsNotBlamed: "judge", "a wrong clock is told as an untrusted line";
    VersionIsIgnored: "judge", "an answer of a contract that the app does not speak is read";
    // What follows.
    ClockBackParks: "sync", "a clock that went back parks what was due";
    UnreachedSpends: "sync", "an attempt is spent although nobody was reached";
    NoBackoff: "sync", "what failed is tried again at once";
    OfflineWaitsADay: "sync", "offline is probed once a day";
    PortalIsAskedAtOnce: "sync", "a portal is asked again at once";
    TheSameAgain: "sync", "two reports that a front end refuses take each turn from the others";
    UpdateTriesNothing: "sync", "a new version of the app tries nothing again";
    EventIsDoneWhenSent: "sync", "a reply is taken for done when it has left";
    PortalEverywhere: "sync", "every strange line is said to want a sign-in";
    PoisonIsGivenUp: "sync", "what the gateway cannot digest is given up";
    CutIsGivenUp: "sync", "what was cut is taken for done";
    LocalIsGivenUp: "sync", "a picture that could not be read once is given up";
    FirstRefusalSignsOut: "sync", "a 401 ends the session without a refresh";
    RejectionIsNotTold: "sync", "a rejected report still says that it waits";
    RefusedForGood: "sync", "what was refused is never tried again";
    RefusedHoldsBack: "sync", "what was refused holds back all that comes after it";
    PicturesFirst: "sync", "words wait for pictures";
    EpochIsIgnored: "sync", "a restored gateway is believed to have all it had";
    KnownForgetsLast: "sync", "of the keys that a restored gateway was asked for, the last is not looked at";
    // What is kept.
    MarkComesLate: "store", "what may have arrived is marked after it was sent";
    ErrorClearsMark: "store", "an error clears the mark of what may have arrived";
    OutcomeInTwo: "store", "an outcome is stored in several transactions";
    WithdrawnAtOnce: "store", "what may have arrived is taken back without asking";
    AnybodysRows: "store", "a row travels under the token of whoever is signed in";
    GuestDraftsAreTaken: "store", "whoever signs in gets what was written before";
    EventsOvertake: "store", "an event does not wait for what it follows";
    RepliesAreOvertaken: "store", "a reply that was refused ends when another event is written";
    GivenUpTakesAll: "store", "what follows an event that was given up ends with it";
    StoredWhenSent: "store", "a picture is called stored when its last byte has left";
    LateKeepsPicturesBack: "store", "what could not be taken back leaves its pictures here";
    DeadRunsKeepTheirs: "store", "what was in flight when the app died stays so";
    TrackingIdIsReplaced: "store", "a new tracking id replaces the one that was seen";
    TombstonesAreNotLaidAgain: "store", "what was taken back is not taken back again after a restore";
    PicturesAreNotAskedFor: "store", "after a restore nobody looks whether pictures came through";
    LostEventsStayLost: "store", "what a restore took of replies does not go again";
    RemovalIsIgnored: "store", "what the feed removes stays on the screen";
    PicturesGoAtOnce: "store", "a picture leaves the phone as soon as it is listed";
    ForgottenInTwo: "store", "a person is forgotten in several transactions";
    ForgettingTakesAll: "store", "to forget one person takes what another one's reports wait for";
    DeadlineIsIgnored: "client", "a run goes on when its time is over";
    ZerosForDamage: "client", "where a damaged page cannot be mended for now, zeros travel for it";
    IdleEndsAtOnce: "client", "a run until nothing is left ends while something waits";
    BodyIsMadeAnew: "client", "another attempt sends other bytes";
    PriorIdIsNotTold: "client", "what was forgotten goes again without the tracking id it had";
    // The gateway's side of the contract.
    ValidatesFirst: "gateway", "a known key is validated again";
    QuotaFirst: "gateway", "a known key is counted against the quota";
    EditChangesHash: "gateway", "a replay is compared with what an administrator edited";
    OtherBytesAccepted: "gateway", "other bytes under a known key are answered as if they were taken";
    TombstonesAge: "gateway", "a tombstone is forgotten after a while";
    NoTombstone: "gateway", "taking back a key that was never seen leaves nothing";
    NeverTooLate: "gateway", "what was taken up can be taken back";
    EventTwice: "gateway", "an event that comes again counts again";
    TrackingIdAgain: "gateway", "a restored gateway gives a tracking id again";
    EpochStays: "gateway", "a restore begins no epoch";
    CursorRunsAhead: "gateway", "a cursor passes a position that is yet to come";
    PatchAnywhere: "gateway", "a chunk is taken at another offset than the one it names";
    UploadMoves: "gateway", "an upload gets a new address while the old one lives";
    RefreshDiesAtOnce: "gateway", "a refresh token dies before its successor was used";
}
