//! The fixed stories, as steps of people.

/// One thing that somebody does. A step that failed is done again; each knows what of it was
/// acknowledged already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    SignIn(&'static str),
    SignOut,
    /// Begins a report and fills in the form.
    Write(&'static str),
    /// Another title.
    Edit(&'static str, &'static str),
    Attach(&'static str, Paper),
    Submit(&'static str),
    Sync,
    /// The desk writes to it.
    FollowUp(&'static str),
    Reply(&'static str),
    Withdraw(&'static str),
    /// A draft goes for good.
    Erase(&'static str),
    /// The OS carries whatever it may.
    Background,
    /// Everything of the one who is signed in is erased.
    Forget,
    /// The app is closed.
    Close,
}

/// What is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paper {
    Photo,
    /// A PDF of about so many bytes.
    Document(usize),
}

/// What the phone is like before the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// The app was never opened.
    New,
    /// These steps were done.
    Done(&'static [Step]),
    /// These steps were done, then a bit flipped in a page of pictures.
    Damaged(&'static [Step]),
    /// The store of version 1 that is kept in `tests/fixtures`.
    Fixture,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Story {
    pub(crate) name: &'static str,
    pub(crate) before: Before,
    pub(crate) steps: &'static [Step],
    /// The report of which nothing may be left. The store is not encrypted then: its files are searched.
    pub(crate) goes: Option<&'static str>,
}

use Step::{
    Attach, Background, Close, Edit, Erase, FollowUp, Forget, Reply, SignIn, SignOut, Submit, Sync,
    Withdraw, Write,
};

/// Bytes of the one that goes.
pub(crate) const DOCUMENT: usize = 30_000;

const SIGNED_IN: &[Step] = &[SignIn("siti"), Sync, Close];
const QUEUED: &[Step] = &[
    SignIn("siti"),
    Write("lamp"),
    Attach("lamp", Paper::Photo),
    Attach("lamp", Paper::Document(30_000)),
    Submit("lamp"),
    Close,
];
const SENT: &[Step] = &[
    SignIn("siti"),
    Write("lamp"),
    Attach("lamp", Paper::Document(5_000)),
    Submit("lamp"),
    Sync,
    Close,
];

pub(crate) const STORIES: &[Story] = &[
    Story {
        name: "begin",
        before: Before::New,
        steps: &[SignIn("siti"), Write("lamp"), Close],
        goes: None,
    },
    Story {
        name: "draft",
        before: Before::Done(SIGNED_IN),
        steps: &[
            Write("lamp"),
            Attach("lamp", Paper::Photo),
            Edit("lamp", "Lampu padam"),
            Close,
        ],
        goes: None,
    },
    Story {
        name: "submit",
        before: Before::Done(&[
            SignIn("siti"),
            Write("lamp"),
            Attach("lamp", Paper::Photo),
            Close,
        ]),
        steps: &[Submit("lamp"), Close],
        goes: None,
    },
    Story {
        name: "sync",
        before: Before::Done(QUEUED),
        steps: &[Sync, Close],
        goes: None,
    },
    Story {
        name: "events",
        before: Before::Done(SENT),
        steps: &[
            FollowUp("lamp"),
            Sync,
            Reply("lamp"),
            Reply("lamp"),
            Sync,
            Close,
        ],
        goes: None,
    },
    Story {
        name: "people",
        before: Before::Done(QUEUED),
        steps: &[
            SignOut,
            SignIn("budi"),
            Write("road"),
            Submit("road"),
            Sync,
            SignOut,
            SignIn("siti"),
            Sync,
            Close,
        ],
        goes: None,
    },
    Story {
        name: "withdraw",
        before: Before::Done(&[
            SignIn("siti"),
            Write("lamp"),
            Attach("lamp", Paper::Document(5_000)),
            Submit("lamp"),
            Sync,
            Write("road"),
            Submit("road"),
            Close,
        ]),
        steps: &[Withdraw("road"), Withdraw("lamp"), Sync, Close],
        goes: None,
    },
    Story {
        name: "background",
        before: Before::Done(QUEUED),
        steps: &[Background, Sync, Close],
        goes: None,
    },
    Story {
        name: "forget",
        before: Before::Done(&[
            // Before anybody signed in: it may be anybody's.
            Write("note"),
            SignIn("budi"),
            Write("road"),
            Submit("road"),
            SignOut,
            SignIn("siti"),
            Write("lamp"),
            Attach("lamp", Paper::Document(DOCUMENT)),
            Submit("lamp"),
            Close,
        ]),
        steps: &[Forget, SignIn("budi"), Sync, Close],
        goes: Some("lamp"),
    },
    Story {
        name: "erase",
        before: Before::Done(&[
            Write("note"),
            SignIn("siti"),
            Write("lamp"),
            Attach("lamp", Paper::Document(DOCUMENT)),
            Write("road"),
            Attach("road", Paper::Document(5_000)),
            Close,
        ]),
        steps: &[Erase("lamp"), Submit("road"), Sync, Close],
        goes: Some("lamp"),
    },
    Story {
        name: "salvage",
        before: Before::Damaged(&[
            SignIn("siti"),
            Write("lamp"),
            Submit("lamp"),
            Sync,
            Write("road"),
            Submit("road"),
            Write("hole"),
            Edit("hole", "Lubang di jalan"),
            Close,
        ]),
        steps: &[Sync, Close],
        goes: None,
    },
    Story {
        name: "upgrade",
        before: Before::Fixture,
        steps: &[SignIn("siti"), Sync, SignIn("budi"), Sync, Close],
        goes: None,
    },
];
