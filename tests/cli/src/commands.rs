//! One function a command. Each asks the core for one thing and says what came of it.

mod account;
mod doctor;
mod draft;
mod events;
mod export;
mod list;
mod outbox;
mod photo;
mod pictures;
mod settings;
mod show;
mod submit;
mod sync;

use lapor_core::output::Existing;

use crate::{
    args::{Args, Command, DraftCommand},
    exit::{Exit, Failure},
    home,
    print::Printer,
};

pub(crate) type Ended = Result<Exit, Failure>;

pub(crate) fn run(args: &Args, printer: &Printer) -> Ended {
    // Before anything is opened: this one needs no store, and little memory.
    if let Command::Photo(photo) = &args.command {
        return photo::shrink(photo, args, printer);
    }
    let phone = home::open(args, printer)?;
    let client = &phone.client;
    match &args.command {
        Command::Photo(_) => Ok(Exit::Done),
        Command::SignIn {
            user,
            password_stdin,
            claim,
        } => account::sign_in(client, user, *password_stdin, *claim, printer),
        Command::SignOut => account::sign_out(client, printer),
        Command::Whoami => account::whoami(client, printer),
        Command::Claim { without_writer } => account::claim(client, *without_writer, printer),
        Command::Draft(DraftCommand::New { fields }) => draft::new(client, fields, printer),
        Command::Draft(DraftCommand::Edit { report, fields }) => {
            draft::edit(client, report, fields, printer)
        }
        Command::Draft(DraftCommand::Check { report }) => draft::check(client, report, printer),
        Command::Draft(DraftCommand::Discard { report }) => draft::discard(client, report, printer),
        Command::Draft(DraftCommand::Restore { report }) => draft::restore(client, report, printer),
        Command::Erase { report, yes } => draft::erase_report(client, report, *yes, printer),
        Command::Draft(DraftCommand::Erase { report, yes }) => {
            draft::erase(client, report, *yes, printer)
        }
        Command::Attach(attach) => pictures::attach(client, attach, printer),
        Command::Settings(chosen) => settings::settings(client, chosen, printer),
        Command::Picture {
            report,
            number,
            to,
            thumbnail,
            force,
        } => {
            let out = (to.as_path(), existing(*force));
            pictures::write(client, (report, *number), out, *thumbnail, printer)
        }
        Command::Detach { report, number } => pictures::detach(client, report, *number, printer),
        Command::Submit(submit) => submit::submit(&phone, submit, args, printer),
        Command::Withdraw { report } => submit::withdraw(&phone, report, printer),
        Command::Resend { report } => submit::resend(&phone, report, printer),
        Command::SendAsAnother { report } => submit::send_as_another(client, report, printer),
        Command::Reply { report, text } => events::reply(client, report, text, printer),
        Command::FollowUp { report, text } => events::follow_up(client, report, text, printer),
        Command::Rate { report, rating } => events::rate(client, report, *rating, printer),
        Command::Close { report } => events::close(client, report, printer),
        Command::DiscardEvent { event } => events::discard(client, event, printer),
        Command::List(list) => list::list(&phone, list, printer),
        Command::Show { report, why } => show::show(&phone, report, *why, printer),
        Command::Outbox { report } => outbox::outbox(&phone, report.as_deref(), printer),
        Command::Sync(sync) => sync::sync(&phone, sync, args, printer),
        Command::Losses { seen } => doctor::losses(client, *seen, printer),
        Command::Doctor { bundle, force } => {
            let bundle = bundle.as_deref().map(|file| (file, existing(*force)));
            doctor::doctor(client, bundle, printer)
        }
        Command::Export { dir } => export::export(client, dir, printer),
        Command::ForgetMe { yes } => account::forget_me(client, *yes, printer),
    }
}

/// What `--force` means.
fn existing(force: bool) -> Existing {
    if force {
        Existing::Replace
    } else {
        Existing::Keep
    }
}
