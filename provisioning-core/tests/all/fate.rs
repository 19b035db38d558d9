//! What befalls each request, and who decides it.

use provisioning_core::run::Run;
use provisioning_core::run::directive::Call;

use crate::model_panel::Panels;

/// How long a request that was lost takes to arrive, in milliseconds; never more than the declared longest duration.
pub(crate) type Delay = u64;

/// What befalls a create request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CreateFate {
    Executed,
    ReplyLost,
    ReplyUnreadable,
    /// 201 about an account that is not the one asked for.
    ReplyOfAnother,
    ErrorAfterCommit,
    ErrorBeforeCommit,
    Dropped,
    Late(Delay),
    TooMany {
        pause: Option<u64>,
    },
    NotExecuted,
    ConnectionRefused,
    BadCertificate,
    Invalid,
    RightMissing,
    ForbiddenInOtherWords,
    ProxyRefused,
    WrongKey,
    RouteMissing,
    Redirected,
    /// A stranger takes the username first, and the panel says so.
    StrangerFirst,
    /// A stranger takes the username first, and the reply is lost.
    StrangerFirstReplyLost,
}

impl CreateFate {
    /// Each once, the healthy one first.
    pub(crate) const ALL: [Self; 25] = [
        Self::Executed,
        Self::ReplyLost,
        Self::ReplyUnreadable,
        Self::ReplyOfAnother,
        Self::ErrorAfterCommit,
        Self::ErrorBeforeCommit,
        Self::Dropped,
        // At once, before the next resend would be due, and at the very last.
        Self::Late(1),
        Self::Late(1_500),
        Self::Late(super::sample::LONGEST),
        Self::TooMany { pause: Some(7) },
        Self::TooMany { pause: Some(0) },
        Self::TooMany { pause: None },
        Self::NotExecuted,
        Self::ConnectionRefused,
        Self::BadCertificate,
        Self::Invalid,
        Self::RightMissing,
        Self::ForbiddenInOtherWords,
        Self::ProxyRefused,
        Self::WrongKey,
        Self::RouteMissing,
        Self::Redirected,
        Self::StrangerFirst,
        Self::StrangerFirstReplyLost,
    ];
}

/// What befalls a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LookUpFate {
    Whole,
    /// The server is read, and so long after it the finding is recorded.
    Slow(Delay),
    /// Rows may be missing, and they are.
    Incomplete,
    Failed,
    TooMany {
        pause: u64,
    },
    RightMissing,
    /// A stranger takes the username just before.
    StrangerFirst,
}

impl LookUpFate {
    /// Each once, the healthy one first.
    pub(crate) const ALL: [Self; 8] = [
        Self::Whole,
        Self::Slow(super::sample::LONGEST - 1),
        Self::Incomplete,
        Self::Failed,
        Self::TooMany { pause: 7 },
        Self::TooMany { pause: 0 },
        Self::RightMissing,
        Self::StrangerFirst,
    ];
}

/// What befalls the reading of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum VerifyFate {
    Read,
    ReplyLost,
    Error,
    NotListedYet,
    Inactive,
    OtherMark,
    TooMany { pause: u64 },
    RightMissing,
    ConnectionRefused,
}

impl VerifyFate {
    /// Each once, the healthy one first.
    pub(crate) const ALL: [Self; 10] = [
        Self::Read,
        Self::ReplyLost,
        Self::Error,
        Self::NotListedYet,
        Self::Inactive,
        Self::OtherMark,
        Self::TooMany { pause: 7 },
        Self::TooMany { pause: 0 },
        Self::RightMissing,
        Self::ConnectionRefused,
    ];
}

/// Where a process can die.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Point {
    BeforeIntent,
    BetweenIntentAndCall,
    BetweenCallAndOutcome,
    BeforeFindingIsRecorded,
    BeforeCredentialIsRecorded,
}

impl Point {
    pub(crate) const ALL: [Self; 5] = [
        Self::BeforeIntent,
        Self::BetweenIntentAndCall,
        Self::BetweenCallAndOutcome,
        Self::BeforeFindingIsRecorded,
        Self::BeforeCredentialIsRecorded,
    ];
}

/// Who decides what befalls. Every method's default is the healthy world.
pub(crate) trait Fates {
    fn create(&mut self) -> CreateFate {
        CreateFate::Executed
    }
    fn look_up(&mut self) -> LookUpFate {
        LookUpFate::Whole
    }
    fn verify(&mut self) -> VerifyFate {
        VerifyFate::Read
    }
    fn dies(&mut self, _at: Point) -> bool {
        false
    }
    /// Which of `count` things that can be done now is done.
    fn which(&mut self, _count: usize) -> usize {
        0
    }
    /// Whether a call's outcome is recorded only after other things were done.
    fn lingers(&mut self) -> bool {
        false
    }
    /// Whether the engine finds room for an account where it is about to be created.
    fn has_room(&mut self, _run: &Run, _panels: &Panels, _call: &Call) -> bool {
        true
    }
    /// How long a request waits in our own process before it leaves, in milliseconds.
    fn queues(&mut self) -> u64 {
        0
    }
    /// Which of the truthful answers a human gives; 0 is the one that helps most.
    fn answer(&mut self, _count: usize) -> usize {
        0
    }
}

/// Fates from a tape of numbers. Where it ends, the world is healthy: a shorter tape is a simpler schedule.
#[derive(Debug, Clone)]
pub(crate) struct Tape {
    numbers: Vec<u16>,
    next: usize,
}

impl Tape {
    pub(crate) fn new(numbers: Vec<u16>) -> Self {
        Self { numbers, next: 0 }
    }

    /// One of `count`; 0 where the tape has ended.
    pub(crate) fn pick(&mut self, count: usize) -> usize {
        let number = self.numbers.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        usize::from(number) % count
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.pick(count) == count - 1
    }
}

impl Fates for Tape {
    fn create(&mut self) -> CreateFate {
        // Most requests meet an unknown outcome or a server that is down: those make the machine look, wait and move.
        match self.pick(8) {
            0 | 1 => CreateFate::ALL[self.pick(CreateFate::ALL.len())],
            2 => CreateFate::ReplyLost,
            3 => CreateFate::Dropped,
            4 => CreateFate::StrangerFirst,
            5 | 6 => CreateFate::ConnectionRefused,
            _ => CreateFate::Late(self.pick(super::sample::LONGEST as usize + 1) as u64),
        }
    }
    fn look_up(&mut self) -> LookUpFate {
        LookUpFate::ALL[self.pick(LookUpFate::ALL.len() + 3) % LookUpFate::ALL.len()]
    }
    fn verify(&mut self) -> VerifyFate {
        VerifyFate::ALL[self.pick(VerifyFate::ALL.len())]
    }
    fn dies(&mut self, _at: Point) -> bool {
        self.one_in(8)
    }
    fn which(&mut self, count: usize) -> usize {
        self.pick(count)
    }
    fn lingers(&mut self) -> bool {
        self.one_in(3)
    }
    fn queues(&mut self) -> u64 {
        match self.pick(4) {
            3 => self.pick(8_000) as u64,
            _ => 0,
        }
    }
    fn answer(&mut self, count: usize) -> usize {
        self.pick(count)
    }
}
