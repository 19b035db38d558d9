//! The customers' endpoints: legacy handlers on both servers.

use serde_json::json;

use super::Customer;
use super::answer::{Answer, Handled, JSON, ok};
use super::exchange::Exchange;
use super::gate::Caller;
use super::postgres::{self, Refused};
use super::state::newest_first;

/// The same rows twice. They are written one by one: a list of very many would not fit twice as values.
pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let state = &exchange.state;
    let mut rows = Vec::new();
    for customer in newest_first(&state.customers, |customer| customer.created_at) {
        if !exchange.sees(&caller, customer) {
            continue;
        }
        if !rows.is_empty() {
            rows.push(b',');
        }
        let row = customer.joined_row(exchange.settings.columns, &state.users);
        rows.extend(serde_json::to_vec(&row).unwrap_or_default());
    }
    let begin: &[u8] = br#"{"success":true,"data":["#;
    let body = [begin, &rows, br#"],"customers":["#, &rows, b"]}"].concat();
    Ok(Answer::new(200, JSON, body))
}

pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let id = exchange.checked_id()?;
    let customer = exchange
        .state
        .customer(&id)
        .filter(|customer| exchange.sees(&caller, customer))
        .ok_or_else(|| Answer::failure(404, "Customer not found"))?;
    let row = customer.joined_row(exchange.settings.columns, &exchange.state.users);
    ok(&json!({ "success": true, "customer": row }))
}

pub(super) fn create(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    exchange.require_name_and_email()?;
    let fields = Fields::of(exchange).map_err(Refused::failure)?;
    fields.check_unique(exchange, None)?;
    let id = exchange.state.ids.next();
    let mut customer = Customer::new(id, exchange.now);
    customer.tenant_id.clone_from(&caller.tenant_id);
    customer.user_id = exchange.owner(&caller);
    fields.set(&mut customer);
    let row = customer.row(exchange.settings.columns);
    exchange.state.customers.push(customer);
    let body = json!({ "success": true, "customer": row });
    Ok(Answer::json(201, &body))
}

pub(super) fn update(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let id = exchange.checked_id()?;
    let fields = Fields::of(exchange).map_err(Refused::failure)?;
    let position = exchange.owned(&caller, &id)?;
    fields.check_unique(exchange, Some(&id))?;
    let (now, columns) = (exchange.now, exchange.settings.columns);
    let customer = exchange
        .state
        .customers
        .get_mut(position)
        .ok_or_else(no_access)?;
    fields.set(customer);
    customer.updated_at = now;
    let row = customer.row(columns);
    ok(&json!({ "success": true, "customer": row }))
}

pub(super) fn delete(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let id = exchange.checked_id()?;
    let position = exchange.owned(&caller, &id)?;
    if let Some(customer) = exchange.state.customers.get_mut(position) {
        customer.is_deleted = true;
    }
    ok(&json!({ "success": true, "message": "Customer deleted successfully" }))
}

pub(super) fn add_domain(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let id = exchange.checked_id()?;
    let name = exchange
        .given_text("domain_name")
        .ok_or_else(|| Answer::failure(400, "Domain name is required"))?;
    exchange.owned(&caller, &id)?;
    if exchange.state.domains.contains(&name) {
        return Err(Answer::failure(409, "Domain already exists"));
    }
    exchange.state.domains.push(name.clone());
    let domain = json!({
        "id": exchange.state.ids.next(),
        "customer_id": id,
        "name": name,
        "type": exchange.text("type"),
        "document_root": exchange.text("document_root"),
        "php_version": exchange.text("php_version"),
        "auto_ssl": exchange.field("auto_ssl"),
        "status": "active",
    });
    let body = json!({ "success": true, "domain": domain });
    Ok(Answer::json(201, &body))
}

/// The columns a caller may set; what is not sent becomes `null`.
struct Fields {
    company_name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    country: Option<String>,
    city: Option<String>,
}

impl Fields {
    fn of(exchange: &Exchange<'_>) -> Result<Self, Refused> {
        Ok(Self {
            company_name: exchange.text("company_name"),
            email: exchange.text("email"),
            phone: exchange.text("phone"),
            country: postgres::characters(exchange.field("country"), 2, "character")?,
            city: exchange.text("city"),
        })
    }

    fn check_unique(
        &self,
        exchange: &mut Exchange<'_>,
        except: Option<&str>,
    ) -> Result<(), Answer> {
        let Some(email) = &self.email else {
            return Ok(());
        };
        let other = exchange
            .state
            .customer_of_email(email)
            .filter(|customer| Some(customer.id.as_str()) != except);
        if other.is_some() && exchange.settings.has_unique_customer_email {
            return Err(postgres::duplicate("customers_email_key").failure());
        }
        Ok(())
    }

    fn set(self, customer: &mut Customer) {
        customer.company_name = self.company_name;
        customer.email = self.email;
        customer.phone = self.phone;
        customer.country = self.country;
        customer.city = self.city;
    }
}

fn no_access() -> Answer {
    Answer::failure(404, "Customer not found or access denied")
}

impl Exchange<'_> {
    /// The id in the path, which must be a UUID.
    fn checked_id(&self) -> Result<String, Answer> {
        let id = self.parameter();
        postgres::check_uuid(&id).map_err(Refused::failure)?;
        Ok(id)
    }

    fn require_name_and_email(&self) -> Result<(), Answer> {
        if self.are_given(&["company_name", "email"]) {
            Ok(())
        } else {
            let text = "Company name and email are required";
            Err(Answer::failure(400, text))
        }
    }

    /// Whether a caller sees a customer: `admin` sees all, of all tenants; everybody else their own.
    fn sees(&self, caller: &Caller, customer: &Customer) -> bool {
        let is_own = customer.user_id.is_some() && customer.user_id == self.owner(caller);
        !customer.is_deleted && (caller.role == "admin" || is_own)
    }

    /// Where a customer is that the caller may change: one of the caller's own, in the caller's tenant. Nobody without
    /// a tenant has any, because `null` equals nothing.
    fn owned(&self, caller: &Caller, id: &str) -> Result<usize, Answer> {
        let owner = self.owner(caller);
        self.state
            .customers
            .iter()
            .position(|customer| {
                customer.id == id
                    && !customer.is_deleted
                    && owner.is_some()
                    && customer.user_id == owner
                    && customer.tenant_id.is_some()
                    && customer.tenant_id == caller.tenant_id
            })
            .ok_or_else(no_access)
    }
}
