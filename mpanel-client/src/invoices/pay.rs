//! `POST /api/invoices/{id}/pay`, `/payment-intent`, `GET /api/invoices/{id}/pdf`.

use bytes::Bytes;
use panel_http::{
    Answer, Decimal, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody,
};
use secrecy::SecretString;
use serde::Deserialize;

use super::{Invoice, InvoiceId, PAY, PAYMENT_INTENT, PDF};
use crate::{endpoints::endpoints, row::row};

/// Pays an invoice. One that is paid already is `Conflict`.
#[derive(Debug, Clone)]
pub struct PayInvoice {
    id: InvoiceId,
    method: String,
    token: Option<SecretString>,
}

impl PayInvoice {
    /// By this method, such as `bank_transfer`.
    #[must_use]
    pub fn new(id: InvoiceId, method: impl Into<String>) -> Self {
        Self {
            id,
            method: method.into(),
            token: None,
        }
    }

    /// Sets the token of the payment service.
    #[must_use]
    pub fn set_token(mut self, token: SecretString) -> Self {
        self.token = Some(token);
        self
    }
}

impl Endpoint for PayInvoice {
    const OPERATION: &'static Operation = &PAY;
    type Reply = Payment;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("paymentMethod", &self.method)?;
            match &self.token {
                Some(token) => body.secret("paymentToken", token),
                None => Ok(()),
            }
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Payment, DecodeError> {
        #[derive(Deserialize)]
        struct Reply {
            payment: Payment,
            invoice: Option<Invoice>,
        }
        let reply: Reply = answer.json()?;
        let mut payment = reply.payment;
        payment.invoice_before = reply.invoice;
        Ok(payment)
    }
}

row! {
    /// A payment.
    pub struct Payment {
        ;
        /// What was paid, in units of its currency.
        amount: Decimal,
        /// Status: `pending`, `completed`, `failed`, `refunded`.
        status: String,
        /// How it was paid.
        payment_method("paymentMethod" | "method"): String,
        /// The invoice as it was before: the server sends the old row.
        #[serde(skip)]
        invoice_before: Invoice,
    }
    shows amount, status
}

endpoints! {
    /// Begins a payment of an invoice at Stripe.
    CreatePaymentIntent(id: InvoiceId) -> PaymentIntent = PAYMENT_INTENT, |answer| answer.json();

    /// Reads an invoice as PDF.
    GetInvoicePdf(id: InvoiceId) -> Bytes = PDF, |answer| Ok(answer.clone().into_body());
}

/// A payment that was begun.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct PaymentIntent {
    /// With which a browser completes it.
    #[serde(rename = "clientSecret", alias = "client_secret", default)]
    pub client_secret: Option<SecretString>,
    /// Its id at Stripe.
    #[serde(
        rename = "paymentIntentId",
        alias = "payment_intent_id",
        alias = "id",
        default
    )]
    pub id: Option<String>,
}
