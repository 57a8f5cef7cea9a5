print("bayes")
