//! TUN devices: an ioctl that nothing safe offers.

// The only C here: one ioctl on a file that this room has just opened.
#![allow(unsafe_code)]

use std::{
    fs::{File, OpenOptions},
    io,
};

/// Makes the device in this process' network namespace; it goes when the file is closed. Each read
/// is one IP packet, each write is one.
pub(crate) fn open(name: &str) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/net/tun")?;
    // SAFETY: `ifreq` is plain C data, for which all zeros is a value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    // One byte is left for the zero that ends the name.
    let room = request.ifr_name.len() - 1;
    for (to, from) in request.ifr_name.iter_mut().take(room).zip(name.bytes()) {
        *to = libc::c_char::from_ne_bytes([from]);
    }
    let flags = libc::IFF_TUN | libc::IFF_NO_PI;
    request.ifr_ifru.ifru_flags =
        libc::c_short::try_from(flags).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: the descriptor is open, and the request outlives the call, which only reads and
    // writes within it.
    let made = unsafe {
        libc::ioctl(
            std::os::fd::AsRawFd::as_raw_fd(&file),
            libc::TUNSETIFF,
            &mut request,
        )
    };
    if made < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(file)
}
