//! The wider vector registers that most x86-64 processors have, and that a program for all of them
//! may not use unasked. The same sums in the same order, so the same bytes everywhere. Processors of
//! phones have theirs from the start, and get nothing of this.

/// `wide!(fn NAME(ARGUMENTS) = INNER)`: a function that does what `INNER` does. That one, and all
/// whose loops shall gain, must be `#[inline(always)]`, without closures between them: a closure is
/// compiled once, and for all processors.
macro_rules! wide {
    ($seen:vis fn $name:ident($($argument:ident: $kind:ty),* $(,)?) $(-> $made:ty)? = $inner:ident) => {
        #[allow(unsafe_code)]
        $seen fn $name($($argument: $kind),*) $(-> $made)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
                fn with_avx2($($argument: $kind),*) $(-> $made)? {
                    $inner($($argument),*)
                }
                if std::arch::is_x86_feature_detected!("avx2")
                    && std::arch::is_x86_feature_detected!("bmi1")
                    && std::arch::is_x86_feature_detected!("bmi2")
                    && std::arch::is_x86_feature_detected!("lzcnt")
                    && std::arch::is_x86_feature_detected!("popcnt")
                {
                    // SAFETY: the processor was asked for what the function needs.
                    return unsafe { with_avx2($($argument),*) };
                }
            }
            $inner($($argument),*)
        }
    };
}

pub(crate) use wide;
