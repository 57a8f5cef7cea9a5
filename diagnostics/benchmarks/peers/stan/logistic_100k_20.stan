data { int<lower=0> N; int<lower=0> D; array[N] int<lower=0, upper=1> y; matrix[N, D] X; }
parameters { vector[D] beta; }
model {
  beta ~ std_normal();
  y ~ bernoulli_logit_glm(X, 0, beta);
}
