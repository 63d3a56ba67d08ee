/* joint.h: joint samples of a page's graphs. A graph says for each of its variables how it is
 * drawn, given others. A sample of it holds a value of each, found when it is first asked for: what
 * the variable's rule gives; the data of that name, in a graph of recognition; or what the page
 * gives.
 *
 * A variable with indices has a node of the graph for each; its value is one tensor [N,T,..]. */
#ifndef GAN_JOINT_H
#define GAN_JOINT_H

#include "page/graphs/variables.h"

/* The sample that a graph's name stands for in the world of now. */
Joint *joint_new(Build *b, const Statement *graph);
/* The sample in which the variables of these names have these values: tensors of the variables'
 * shapes, those without a minibatch being repeated. What else is drawn is drawn as in any other
 * sample of the graph. An error of the page where a name is no variable. */
Joint *joint_given(Build *b, const Expr *at, const Joint *j, int count, const char *const *names,
                   const Value *values);
/* A variable's value. */
Value joint_value(Build *b, const Expr *at, Joint *j, const char *name);

/* Whether two values have the same shape, from that axis on. */
bool joint_alike(const Node *x, const Node *y, int first);

/* ---- inside a rule ---- */

/* What the name of a variable means there. */
Value joint_read(Build *b, const Expr *at, Joint *j, int variable);
/* Elements first, first + step, .. of it: one, or `many` as one tensor. */
Value joint_elements(Build *b, const Expr *at, Joint *j, int variable, double first, double step,
                     int count, bool many);
bool joint_indexed(const Joint *j, int variable);
/* Whether an index is that of all elements of a rule that is taken together; then what it stands
 * for are the variable's elements of the same indices, as one minibatch. */
bool joint_together(const Joint *j, const Expr *index);
Value joint_same(Build *b, const Expr *at, Joint *j, int variable);

/* A value [N,..] once for each of so many elements that are taken as one minibatch: [N*count,..].
 */
Value joint_each(Build *b, const Expr *at, Value x, int count);

/* ---- for factors ---- */

/* Elements of these indices as [N,n,..]; all of them, or the value of a variable without; one. */
Value joint_collect(Build *b, const Expr *at, Joint *j, Variable *v, int n, const int *index);
Value joint_whole(Build *b, const Expr *at, Joint *j, Variable *v);
Value joint_element(Build *b, const Expr *at, Joint *j, Variable *v, int index);

/* What is read is noted in a graph of the sample's nodes. */
void joint_note(Build *b, Joint *j, Dag *dag);

#endif
