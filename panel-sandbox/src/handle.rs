//! What the handle of every stand-in offers, whatever the service.

/// The methods of a handle that only its stage and its faults are needed for; to be used inside an `impl` of a struct
/// with a field `stage`.
macro_rules! methods_of_every_handle {
    () => {
        /// The name from its settings.
        pub fn name(&self) -> &str {
            self.stage.name()
        }

        /// The faults that are armed and not spent, oldest first.
        pub fn armed(&self) -> Vec<$crate::Fault> {
            self.stage.arming().armed()
        }

        /// How many requests a fault has struck, healed or not. Of a fault that strikes no request, how many times it
        /// has done what it does.
        pub fn times_struck(&self, fault: $crate::Fault) -> u32 {
            self.stage.arming().times_struck(fault)
        }

        /// Waits until every request that was received is handled, then lets each late one arrive, in the order they
        /// were sent. Returns how many were late. What there is afterwards no request is still going to change.
        pub async fn settle(&self) -> usize {
            self.stage.settle().await
        }

        /// Every request that was received, in that order; none if recording is off.
        pub fn requests(&self) -> Vec<$crate::RecordedRequest> {
            self.stage.requests()
        }

        /// Those that ask for this operation.
        pub fn requests_for(&self, operation: &$crate::Operation) -> Vec<$crate::RecordedRequest> {
            self.stage.requests_for(operation)
        }

        /// Those there is no operation for, whatever was answered.
        pub fn unexpected_requests(&self) -> Vec<$crate::RecordedRequest> {
            self.stage.unexpected_requests()
        }

        /// Those sent by a client that followed
        /// [`Fault::RedirectElsewhere`]($crate::Fault::RedirectElsewhere), which no client should.
        pub fn followed_redirects(&self) -> Vec<$crate::RecordedRequest> {
            self.stage.followed_redirects()
        }
    };
}

pub(crate) use methods_of_every_handle;
