data { int<lower=0> J; array[J] int trials; array[J] int successes; }
parameters { real<lower=0, upper=1> mu; real<lower=0> kappa; vector<lower=0, upper=1>[J] theta; }
model {
  mu ~ beta(2, 5);
  kappa ~ normal(0, 50);
  theta ~ beta(mu * kappa, (1 - mu) * kappa);
  successes ~ binomial(trials, theta);
}
