# The update rules are also held against PyTorch in double.
foreach(name sgd rmsprop adam adamw adam_step updater)
    lido_test(optim optim/test_${name}.c "-f64")
endforeach()
