// The parts of the GNU Scientific Library that the engine calls. Headers that pull in `gsl_blas.h`
// stay out: Debian's libgsl brings its reference BLAS along, and OpenBLAS must win symbol lookup.
// `gsl_randist.h` is one of them; what is used of it is declared below.
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_fft_complex.h>
#include <gsl/gsl_fft_real.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_rng.h>

unsigned int gsl_ran_binomial(const gsl_rng *r, double p, unsigned int n);
unsigned int gsl_ran_poisson(const gsl_rng *r, double mu);
