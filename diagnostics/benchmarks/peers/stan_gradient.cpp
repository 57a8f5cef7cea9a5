// Times one log density and gradient of a compiled Stan model: `stan_gradient DATA.json [SECONDS]`.
// Linked with the object file that PyStan made of the model; prints CPU nanoseconds per gradient.
#include <stan/io/json/json_data.hpp>
#include <stan/model/model_base.hpp>
#include <stan/model/log_prob_grad.hpp>

#include <ctime>
#include <fstream>
#include <iostream>
#include <vector>

stan::model::model_base &new_model(stan::io::var_context &data, unsigned int seed,
                                   std::ostream *messages);

int main(int count, char **arguments) {
  if (count < 2) {
    std::cerr << "usage: stan_gradient DATA.json [SECONDS]\n";
    return 64;
  }
  const double target = count > 2 ? std::stod(arguments[2]) : 0.5;
  std::ifstream source(arguments[1]);
  stan::json::json_data data(source);
  stan::model::model_base &model = new_model(data, 1, &std::cerr);

  std::vector<double> position(model.num_params_r());
  for (std::size_t i = 0; i < position.size(); ++i)
    position[i] = 0.2 * (static_cast<double>(i) / position.size() - 0.5);
  std::vector<double> gradient;
  std::vector<int> integers;

  for (long repeats = 1;; repeats *= 2) {
    const std::clock_t start = std::clock();
    for (long i = 0; i < repeats; ++i)
      stan::model::log_prob_grad<true, true>(model, position, integers, gradient, &std::cerr);
    const double spent = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    if (spent >= target) {
      std::cout << 1e9 * spent / repeats << "\n";
      return 0;
    }
  }
}
